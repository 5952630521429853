# Everything runs from a fresh clone with python3 (3.11 or newer), make and the package registries.
PYTHON ?= python3
BIN := .venv/bin
DEMO ?= yes
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test prove bench load lint lock screenshots clean

run: .venv/run
	@python manage.py prepare $(if $(filter no,$(DEMO)),,--demo)
	@exec honcho start

test: .venv/dev .chromium
	@python -m tests.run lint sqlite postgresql

prove: .venv/dev .chromium
	@python -m tests.run prove

bench: .venv/dev
	@python -m bench

load: .venv/dev
	@python -m tests.load

lint: .venv/dev
	@python -m tests.run lint

screenshots: .venv/dev .chromium
	@python -m tests.screenshots

# Locks hold hashes and no registry's address; each is compiled anew from pyproject.toml
lock: .venv/dev
	@pip install --quiet uv
	@uv pip compile --quiet pyproject.toml $(LOCKING) --output-file requirements.lock
	@uv pip compile --quiet pyproject.toml --group dev --constraint requirements.lock $(LOCKING) --output-file requirements-dev.lock
LOCKING := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Firm Portal needs Python 3.11 or newer")'
	@$(PYTHON) -m venv .venv

.venv/run: requirements.lock | .venv/bin/python
	@echo "Installing what the portal needs…"
	@pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock | .venv/bin/python
	@echo "Installing what the tests need…"
	@pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@ .venv/run

.PHONY: .chromium
.chromium:
	@sh tests/install_chromium.sh

clean:
	@rm -rf .venv var
