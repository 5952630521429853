# Two stages: one installs, one runs as a user without rights. Build: docker build -t firm-portal .
FROM python:3.11-slim-bookworm AS install
WORKDIR /portal
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock

FROM python:3.11-slim-bookworm
# what a backup of PostgreSQL is made with, as old as the image of compose.yaml
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-15=15.* \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home portal && mkdir /var/lib/portal && chown portal /var/lib/portal
COPY --from=install /venv /venv
WORKDIR /portal
COPY --chown=root:root . .
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/lib/portal \
    PORTAL_BIND=0.0.0.0:8000
USER 10001
VOLUME /var/lib/portal
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# `prepare` runs once before; worker and clock are the other two lines of the Procfile, from the same image
CMD ["sh", "-c", "python manage.py prepare && exec gunicorn portal.wsgi --config portal/gunicorn.py"]
