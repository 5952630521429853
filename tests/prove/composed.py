"""compose.yaml as Docker Compose reads it, and what of it the proofs start themselves, without containers."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.servers import ROOT, free_port, wait_for

NAMES = {"PORTAL_HOST": "portal.firm.test", "FILES_HOST": "files.firm.test", "EMAIL_FROM": "Firm <portal@firm.test>"}


@cache
def composed():
    """The whole file, with NAMES in their places."""
    command = [beside_python("docker-compose"), "config", "--format", "json", "--no-path-resolution"]
    said = subprocess.run(
        command, cwd=ROOT, env=os.environ | NAMES, check=True, capture_output=True, text=True, timeout=60
    )
    return json.loads(said.stdout)


def command_of(service):
    """As it stands there, with a Python of here."""
    return _of_here(*composed()["services"][service]["command"])


def health_check_of(service):
    """As command_of."""
    kind, *command = composed()["services"][service]["healthcheck"]["test"]
    assert kind == "CMD"
    return _of_here(*command)


def _of_here(program, *arguments):
    return [sys.executable, *(["-m", program] if program != "python" else []), *arguments]


def settings_of(service):
    return dict(composed()["services"][service]["environment"])


def make_secrets(folder):
    """The folder with the secrets, made as docs/install.md has it."""
    subprocess.run(["sh", str(ROOT / "deploy" / "make-secrets")], cwd=folder, check=True)
    return folder / "secrets"


class SeaweedFS:
    """The service `seaweedfs`, with its volume in ``folder``; its S3 side is at ``port``."""

    def __init__(self, folder, secrets):
        service = composed()["services"]["seaweedfs"]
        self.port = free_port(beyond=10_000)
        changes = {"/data": str(folder), "/run/secrets": str(secrets), "0.0.0.0": "127.0.0.1", "8333": str(self.port)}  # noqa: S104
        command = [beside_python("weed"), *service["command"]]
        for shipped, ours in changes.items():
            assert any(shipped in word for word in command), shipped
            command = [word.replace(shipped, ours) for word in command]
        command += [f"-{part}.port={free_port(beyond=10_000)}" for part in ("master", "volume", "filer")]
        env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        env["TMPDIR"] = str(folder)
        with open(folder / "log", "wb") as log:
            self._process = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log)

    def __enter__(self):
        wait_for(f"http://127.0.0.1:{self.port}/healthz", self._process)
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()


def beside_python(program):
    return str(Path(sys.executable).with_name(program))
