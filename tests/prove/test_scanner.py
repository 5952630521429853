"""With a real clamd: what awkward files become, how they are handed out, and what happens when it is stopped or killed."""

import io
import os
import re
import shutil
import signal
import stat
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from files import checking
from files.models import File, Version
from files.scanner import ScannerUnavailable, scanner_version
from files.tasks import look_again
from portal.environment import ScannerUrl
from tests.servers import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
State = Version.State
CANARY = b"PORTAL-CANARY-7F3A9C"
CONFIGURATION = """Foreground yes
LocalSocket {folder}/clamd.ctl
DatabaseDirectory {folder}/db
TemporaryDirectory {folder}
StreamMaxLength 200M
MaxFileSize 200M
MaxScanSize 200M
AlertExceedsMax yes
AlertEncrypted yes
"""


class RealClamd:
    """clamd with one signature of our own, on a socket in ``folder``."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        (folder / "db").mkdir()
        (folder / "db" / "portal.ndb").write_text(f"Portal.Canary:0:*:{CANARY.hex()}\n")
        (folder / "clamd.conf").write_text(CONFIGURATION.format(folder=folder))

    def start(self):
        command = shutil.which("clamd", path=f"{os.environ['PATH']}:/usr/sbin")
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([command, "-c", str(self.folder / "clamd.conf")], stdout=log, stderr=log)
        for _ in range(300):
            try:
                return scanner_version()
            except ScannerUnavailable:
                time.sleep(0.1)
        pytest.fail(Path(self.folder / "log").read_text())

    def send(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def real_clamd(tmp_path, settings):
    subprocess.run(["sh", str(ROOT / "tests" / "install_clamav.sh")], check=True, timeout=600)
    settings.CLAMAV = ScannerUrl(path=str(tmp_path / "clamd.ctl"))
    scanner = RealClamd(tmp_path)
    scanner.start()
    yield scanner
    scanner.kill()


def zipped(*items):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in items:
            archive.writestr(name, content)
    return file.getvalue()


def link_out(name, target):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target


def sealed(*items):
    """A ZIP whose entries say that they are encrypted: their bytes are of no use without a password."""
    content = bytearray(zipped(*items))
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        for match in re.finditer(re.escape(signature), bytes(content)):
            content[match.start() + at] |= 1
    return bytes(content)


def nested(content, depth):
    for _ in range(depth):
        content = zipped(("inner.zip", content))
    return content


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
LONG = "x" * 296 + ".pdf"
AWKWARD = [  # name, content, what it becomes, and the type it is handed out as
    ("picture.svg", SVG, State.CLEAN, "image/svg+xml"),
    ("page.html", HTML, State.CLEAN, "text/html"),
    ("page.pdf", HTML, State.CLEAN, "application/pdf"),
    (LONG, b"%PDF-1.4", State.CLEAN, "application/pdf"),
    ("links.zip", zipped(link_out("out", "/etc/passwd"), link_out("up", "../../x")), State.CLEAN, "application/zip"),
    ("canary.txt", CANARY, State.INFECTED, None),
    ("canary.pdf", b"%PDF-1.4\n" + bytes(10**6) + CANARY, State.INFECTED, None),
    ("canary.zip", zipped(("a.txt", b"fine"), ("b.txt", CANARY)), State.INFECTED, None),
    ("deeper.zip", nested(zipped(("b.txt", CANARY)), 3), State.INFECTED, None),
    ("sealed.zip", sealed(("wages.txt", b"wages" * 100)), State.NOT_SCANNED, None),
    ("bomb.zip", zipped(*((f"{n}.bin", bytes(60 * 10**6)) for n in range(5))), State.NOT_SCANNED, None),
    ("doll.zip", nested(b"x", 60), State.NOT_SCANNED, None),
    ("many.zip", zipped(*((f"{n}.txt", b"x") for n in range(11_000))), State.NOT_SCANNED, None),
]


def send(browser, folder, name, content):
    sent = browser.post(reverse("folder-files", args=[folder.pk]), {"files": SimpleUploadedFile(name, content)})
    assert sent.status_code == 302
    return Version.objects.latest("at")


def test_awkward_files_become_what_they_are_and_none_is_ever_shown_as_a_page(real_clamd, sign_in, cast, say):
    folder, seen = cast.acme.cabinet.top, []
    for name, content, state, media_type in AWKWARD:
        started = time.monotonic()
        browser = sign_in(cast.client)
        version = send(browser, folder, name, content)
        seen.append(f"{name[:20]}: {version.state} {version.state_note} ({time.monotonic() - started:.1f} s)")
        answer = sign_in(cast.firm_user).get(reverse("file-download", args=[version.file_id]))
        body = b"".join(answer)
        assert version.state == state, seen[-1]
        if state == State.CLEAN:
            assert (answer.status_code, body) == (200, content), name
            assert answer["Content-Type"] == media_type
            assert answer["Content-Disposition"].startswith("attachment"), name
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert len(version.file.name.encode()) <= 255
        else:
            assert (answer.status_code, content[:100] in body) == (423, False), name
    say("\n".join(seen))


def test_stopped_or_killed_while_it_looks_nothing_unscanned_is_handed_out(real_clamd, sign_in, cast, monkeypatch, say):
    monkeypatch.setattr(checking, "AT_ONCE_SECONDS", 2)
    folder, waiting = cast.acme.cabinet.top, []
    real_clamd.send(signal.SIGSTOP)
    waiting.append(send(sign_in(cast.client), folder, "stopped.pdf", b"%PDF-1.4 fine"))
    waiting.append(send(sign_in(cast.client), folder, "stopped.txt", CANARY))
    real_clamd.send(signal.SIGCONT)
    monkeypatch.setattr(checking, "AT_ONCE_SECONDS", 60)
    bomb = zipped(*((f"{n}.bin", bytes(60 * 10**6)) for n in range(3)))
    killed = threading.Timer(0.3, lambda: real_clamd.send(signal.SIGKILL))
    killed.start()
    waiting.append(send(sign_in(cast.client), folder, "killed.zip", bomb))
    killed.join()
    real_clamd.process.wait()
    waiting.append(send(sign_in(cast.client), folder, "away.pdf", b"%PDF-1.4 fine too"))

    assert [version.state for version in waiting] == [State.CHECKING] * 4, [str(one.state_note) for one in waiting]
    call_command("work", batch=True)  # the worker's own tries find nobody either
    browser = sign_in(cast.firm_user)
    for version in waiting:
        assert browser.get(reverse("file-download", args=[version.file_id])).status_code == 423

    started = time.monotonic()
    real_clamd.start()
    look_again()
    call_command("work", batch=True)
    states = [Version.objects.get(pk=version.pk).state for version in waiting]
    assert states == [State.CLEAN, State.INFECTED, State.CLEAN, State.CLEAN]
    assert File.objects.filter(current__state=State.CLEAN).count() == 3
    say(f"4 files that waited were checked {time.monotonic() - started:.1f} s after clamd was back")
