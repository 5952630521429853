"""A real nginx with the configuration that is shipped, on free ports of 127.0.0.1."""

import getpass
import ipaddress
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import ROOT, free_port

SHIPPED = ROOT / "deploy" / "nginx.conf"
SHIPPED_FOR_A_BUCKET = ROOT / "deploy" / "nginx-bucket.conf"
ADDRESS = ipaddress.ip_address("127.0.0.1")
AROUND = """daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log warn;
{user}events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types; default_type application/octet-stream; access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {servers}
}}
"""


def command():
    """nginx itself; None where it is not installed."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextmanager
def nginx(portals, objects, port, *, is_secure=True, more="", bucket_port=None):
    """nginx before the portal, whose bytes lie in the folder ``objects``; yields its own folder. ``portals`` is the portal's
    port, or those of several nodes; ``more`` goes into its server. Without ``is_secure`` it is what is shipped but for TLS.
    With ``bucket_port``, the S3 server at that port is at https://127.0.0.1, the portal being at localhost."""
    folder = Path(tempfile.mkdtemp(prefix="portal-nginx-", dir="/tmp"))
    portals = [portals] if isinstance(portals, int) else portals
    listen = f"listen {ADDRESS}:{port}{' ssl' if is_secure else ''};"
    certificate = {"/etc/ssl/portal.crt": f"{folder}/portal.crt", "/etc/ssl/portal.key": f"{folder}/portal.key"}
    text = _changed(
        SHIPPED,
        {
            "portal.example.com": "localhost",
            "listen 80;": f"listen {ADDRESS}:{free_port()};",
            "listen 443 ssl;": f"{listen}\n{more}",
            "server 127.0.0.1:8000;": "\n".join(f"server {ADDRESS}:{one};" for one in portals),
            "/var/lib/portal/files/objects/": f"{objects}/",
            **certificate,
        },
    )
    if bucket_port:
        changes = {"files.example.com": str(ADDRESS), "listen 443 ssl;": listen, ":8333": f":{bucket_port}"}
        text += _changed(SHIPPED_FOR_A_BUCKET, changes | certificate)
    user = f"user {getpass.getuser()};\n" if getpass.getuser() == "root" else ""
    make_certificate(folder)
    path = folder / "nginx.conf"
    path.write_text(AROUND.format(folder=folder, user=user, servers=text))
    process = subprocess.Popen([command(), "-p", str(folder), "-c", str(path)], stderr=subprocess.PIPE)
    try:
        _wait(port, process)
        yield folder
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _changed(shipped, changes):
    text = shipped.read_text()
    for words, ours in changes.items():
        assert words in text, words
        text = text.replace(words, ours)
    return text


def _wait(port, process):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(process.stderr.read().decode())
        with closing(socket.socket()) as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nginx does not listen")


def make_certificate(folder):
    """``portal.crt`` and ``portal.key`` for this machine's own names, which nobody but itself signed for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ADDRESS)]), critical=False
        )
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "portal.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())
    (folder / "portal.key").write_bytes(pem)
