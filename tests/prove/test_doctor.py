"""The doctor behind a real nginx and with a real clamd: what is set up as the documents say is in order, and what is not, is said."""

import subprocess

import pytest

from operations.doctor import examine
from portal.environment import ScannerUrl
from tests import servers
from tests.nginx import nginx
from tests.prove.machine import need
from tests.prove.test_scanner import RealClamd
from tests.servers import ROOT

DOCUMENTED = "StreamMaxLength 2000M\nMaxFileSize 2000M\nMaxScanSize 2000M\nMaxScanTime 300000\nAlertExceedsMax yes\nAlertEncrypted yes\n"


def test_proxies_as_shipped_are_in_order_and_a_wrong_number_of_them_is_said():
    need("nginx", package="nginx-light")
    port = servers.free_port()
    options = {"BASE_URL": f"https://localhost:{port}", "TRUSTED_PROXY_COUNT": "1", "PORTAL_WORKERS": "1"}
    with (
        servers.portal(demo=False, is_durable=False, **options) as portal,
        nginx(portal.port, portal.var / "files" / "objects", port) as folder,
    ):
        untrusted = portal.manage("doctor", "address", check=False)
        assert "the certificate is not one that browsers accept (self" in untrusted.stdout
        assert untrusted.returncode == 1

        portal.env["SSL_CERT_FILE"] = str(folder / "portal.crt")
        lines = portal.manage("doctor", "address", "certificate", "proxies", check=False).stdout.splitlines()
        assert f"OK       Address: https://localhost:{port} answers, and is ready" in lines
        assert any(line.startswith("warning  Certificate: it ends on ") for line in lines)  # it is good for a day
        assert "OK       Proxies: 1 proxy in front; the portal saw this visit come from 127.0.0.1 over https" in lines

        for count, words in {
            "0": "set TRUSTED_PROXY_COUNT to 1",
            "2": "TRUSTED_PROXY_COUNT is 2, but 1 proxy adds",
        }.items():
            portal.stop()
            portal.env["TRUSTED_PROXY_COUNT"] = count
            portal.start()
            seen = portal.manage("doctor", "proxies", check=False)
            assert words in seen.stdout, seen.stdout
            assert seen.returncode == 1
        portal.env["SECRET_KEY"] = "another" + "abcdefghijklmnop" * 4
        assert "runs with another SECRET_KEY" in portal.manage("doctor", "proxies", check=False).stdout


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (DOCUMENTED, ["it looks at 101 MB at once"]),
        ("", ["set AlertEncrypted yes", "set AlertExceedsMax yes", "clamd ends before 101 MB; set StreamMaxLength"]),
        (DOCUMENTED.replace("MaxFileSize 2000M", "MaxFileSize 50M"), ["it does not look through 101 MB"]),
    ],
    ids=["documented", "clamd's own", "one too small"],
)
def test_clamds_limits_are_found_out(db, tmp_path, settings, configuration, words):
    subprocess.run(["sh", str(ROOT / "tests" / "install_clamav.sh")], check=True, timeout=600)
    settings.CLAMAV = ScannerUrl(path=str(tmp_path / "clamd.ctl"))
    scanner = RealClamd(tmp_path)
    conf = tmp_path / "clamd.conf"
    conf.write_text(conf.read_text().partition("StreamMaxLength")[0] + configuration)
    scanner.start()
    try:
        found = [finding.words for finding in examine(["limits"])]
        assert len(found) == len(words), found
        assert all(part in line for part, line in zip(words, found, strict=True)), found
    finally:
        scanner.kill()
