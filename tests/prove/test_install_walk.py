"""docs/install.md, followed as it stands by somebody who knows nothing else: on a Debian of its own, which systemd has booted, and
on another when the first is lost."""

import re
import shlex
import shutil
import subprocess
import time

import pytest

from tests.prove.debian import booted
from tests.prove.machine import root_command
from tests.servers import ROOT

DOCUMENT = (ROOT / "docs" / "install.md").read_text()
HOST = "portal.example.com"
LEFT_OUT = (".git", ".venv", "var", ".pytest_cache", ".ruff_cache", ".hypothesis", "__pycache__")
ONLINE = re.compile(r"apt-get |pip install ")
OPEN_TO_NGINX = {
    "files/objects": True,
    "files/staging": False,
    "portal.keys": False,
    "portal.sqlite3": False,
    "mail": False,
}
EMAIL, PASSWORD = "ada@portal.example.com", "a long way from nothing to here"
LETTER = "Your return was accepted."
SEND_IT = f"""
from accounts.models import Client, User
from files.models import Arrived, Cabinet
from files.storage import storage
staged, by = storage().stage(), User.objects.get()
staged.write(b"{LETTER}")
staged.keep()
arrived = Arrived("Letter.txt", staged.key, staged.size_bytes, staged.sha256)
Cabinet.objects.get(client=Client.add("Kestrel", by=by)).top.receive([arrived], by=by)
"""


def lines(*kinds, steps=""):
    """Each command to type for a machine with Debian, in order, of the blocks of these kinds; most are of the kind "". Of these
    ``steps``, where some are given, by their numbers."""
    (text,) = [
        part
        for part in re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)
        if part.startswith("On one machine with Debian")
    ]
    if steps:
        text = "".join(re.findall(rf"^### [{steps}]\. .*?(?=^### )", text, re.MULTILINE | re.DOTALL))
    blocks = re.findall(r"^```sh ?(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for kind, body in blocks if kind in kinds for line in body.splitlines()]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_newcomer_comes_to_a_portal_with_an_administrator_and_gets_it_back(database, tmp_path, say):
    began = time.monotonic()
    with booted(HOST) as machine:
        pack(machine.folder / "firm-portal.tar.gz")
        said = [typed(machine, command) for command in lines("", database)]
        assert said[-1] == "ready\n"
        (link,) = re.findall(rf"https://{HOST}\S+", "".join(said).partition("first administrator")[2])[:1]
        become_administrator(machine, link)
        # believed, as one of a real authority is
        machine.run("cp /etc/ssl/portal.crt /usr/local/share/ca-certificates/; update-ca-certificates")
        (doctor,) = lines("doctor")
        found = typed(machine, doctor)  # fails where something is wrong
        assert re.search("^OK +Worker", found, re.MULTILINE), found
        said += [typed(machine, command) for command in lines("backup")]
        assert re.fullmatch(r"\d{8}T\d{6}Z\n", said[-1]), said[-1]
        what_nginx_reads(machine)
        said += [typed(machine, command) for command in lines("upgrade")]
        assert said[-1] == "ready\n"
        sign_in(machine, cookies="others")
        machine.run(f"portal shell --no-imports --command {shlex.quote(SEND_IT)}")
        machine.run("systemctl start portal-backup")
        machine.run("tar --create --file backup.tar --directory /var/backups portal")
        shutil.copy(machine.folder / "backup.tar", tmp_path)
        passphrase = machine.run("cat /etc/portal/backup-passphrase").stdout
    with booted(HOST) as machine:
        pack(machine.folder / "firm-portal.tar.gz")
        said += [typed(machine, command) for command in lines("", database, steps="123")]
        shutil.copy(tmp_path / "backup.tar", machine.folder)
        machine.run("tar --extract --file backup.tar --directory /var/backups")
        machine.run(f"echo {shlex.quote(passphrase)} > /etc/portal/backup-passphrase")
        restored = [typed(machine, command) for command in lines("restore")]
        assert "is restored." in "".join(restored)
        said += restored
        said += [typed(machine, command) for command in lines("", steps="45") if command != "portal prepare"]
        assert said[-1] == "ready\n"
        sign_in(machine)
        what_nginx_reads(machine)
        assert machine.run("runuser --user www-data -- cat /var/lib/portal/files/objects/*/*").stdout == LETTER
        assert "unbroken" in machine.run("portal verify_activity").stdout
    say(
        f"{database}: {len(said)} commands of docs/install.md in {time.monotonic() - began:.0f} s: the administrator is in, "
        "and on another machine once the first was lost"
    )


def typed(machine, command):
    return machine.run(command, is_online=bool(ONLINE.search(command))).stdout


def pack(target):
    left_out = [f"--exclude={name}" for name in LEFT_OUT]
    command = ["tar", "--create", "--gzip", f"--file={target}", f"--directory={ROOT}", *left_out, "."]
    subprocess.run(root_command(command), check=True, timeout=60)


def what_nginx_reads(machine):
    for path, is_open in OPEN_TO_NGINX.items():
        result = machine.run(f"runuser --user www-data -- test -r /var/lib/portal/{path}", check=False)
        assert (result.returncode == 0) == is_open, path


def become_administrator(machine, link):
    send(machine, link, email=EMAIL, name="Ada Lovelace", password=PASSWORD)
    sign_in(machine)


def sign_in(machine, *, cookies="jar"):
    """By the forms, as a browser does it, through nginx, to the page that asks a new administrator for a second factor."""
    send(machine, f"https://{HOST}/account/login/", cookies=cookies, login=EMAIL, password=PASSWORD)
    page = ask(machine, f"https://{HOST}/", "--location", cookies=cookies)
    assert f"{EMAIL}.</span>" in page and "Sign out" in page, page


def send(machine, address, *, cookies="jar", **fields):
    """The form at this address is taken: the answer leads on."""
    page = ask(machine, address, cookies=cookies)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    fields = {"csrfmiddlewaretoken": token, **fields}
    words = [word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")]
    words += ["--referer", address, "--output", "/dev/null", "--write-out", "%{http_code}"]
    assert ask(machine, address, *words, cookies=cookies) == "302", address


def ask(machine, address, *more, cookies="jar"):
    """What the address answers, to a browser that trusts the certificate and keeps ``cookies``."""
    curl = f"curl --silent --show-error --cacert /etc/ssl/portal.crt --cookie {cookies} --cookie-jar {cookies}"
    return machine.run(f"{curl} {shlex.join(more)} {shlex.quote(address)}").stdout
