"""A browser without a window: it signs in by the real form, sends files by the real form and fetches them, hashing."""

import hashlib
import re
import secrets
import ssl
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from urllib.request import urlopen

from portal.demonstration.people import PASSWORD

TIMEOUT_SECONDS = 240
PIECE_BYTES = 64 * 1024
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    text: str


@dataclass(frozen=True)
class Fetched:
    """A download that was hashed on its way, not kept; of anything but a 200, how its ``text`` begins."""

    status: int
    size_bytes: int
    sha256: str
    location: str = ""
    text: str = ""


def _hashed(response):
    digest, size, text = hashlib.sha256(), 0, ""
    while piece := response.read(1024**2):
        digest.update(piece)
        size += len(piece)
        if response.status != 200:
            text = text or piece[:1000].decode(errors="replace")
    return Fetched(response.status, size, digest.hexdigest(), response.headers.get("Location", ""), text)


class Browser:
    """One person's session with a Portal of tests.servers. It outlives the server's process, as a cookie does. With an ``ip``
    it comes as through a proxy that says so."""

    def __init__(self, portal, *, ip=""):
        self._portal, self._host, self._port = portal, "localhost", portal.port
        self._ip = ip
        self._cookies = {}
        self.user_agent = ""

    def sign_in(self, email):
        self.get("/account/login/")
        answer = self.post("/account/login/", login=email, password=PASSWORD)
        assert answer.status == 302, f"{email} was not let in: {answer.status} {answer.text}"
        return self

    def anew(self):
        """Nobody's session in the same browser, past the page with the form."""
        other = Browser(self._portal, ip=self._ip)
        other._cookies = {"portal_csrf": self.csrf_token}
        other.user_agent = self.user_agent
        return other

    def get(self, path):
        with closing(self._begin("GET", path)) as connection:
            connection.endheaders()
            return self._answer(connection)

    def post(self, path, **fields):
        body = urlencode({"csrfmiddlewaretoken": self.csrf_token, **fields}).encode()
        with closing(
            self._begin("POST", path, **{"Content-Type": FORM_TYPE, "Content-Length": len(body)})
        ) as connection:
            connection.endheaders(body)
            return self._answer(connection)

    def ask(self, method, path, body=b"", **fields):
        """As the script asks: the token in a header, and fields, or bytes as they are. Returns the Answer."""
        headers = {"X-CSRFToken": self.csrf_token}
        if method == "POST":
            body, headers["Content-Type"] = urlencode(fields, doseq=True).encode(), FORM_TYPE
        with closing(self._begin(method, path, **headers, **{"Content-Length": str(len(body))})) as connection:
            connection.endheaders()
            for start in range(0, len(body), PIECE_BYTES):
                connection.send(body[start : start + PIECE_BYTES])
            return self._answer(connection)

    def fetch(self, path):
        """From the portal, or the store to which it leads. Raises ConnectionError, HTTPException or URLError where the body
        breaks off."""
        with closing(self._begin("GET", path)) as connection:
            connection.endheaders()
            response = connection.getresponse()
            if response.status == 302 and "X-Amz-Signature=" in response.headers["Location"]:
                with urlopen(response.headers["Location"], timeout=TIMEOUT_SECONDS) as stored:  # noqa: S310
                    return _hashed(stored)
            return _hashed(response)

    def own_folder(self):
        """The address of the one cabinet that a client user has, and the address that its upload form posts to."""
        cabinet = self.get("/files/").location
        return cabinet, re.search(r"/files/folders/[0-9a-f-]{36}/files/", self.get(cabinet).text)[0]

    def begin_upload(self, address, name, size_bytes):
        return Sending(self, address, name, size_bytes)

    def upload(self, address, name, content):
        return self.begin_upload(address, name, len(content)).send(content).finish()

    @property
    def csrf_token(self):
        return self._cookies["portal_csrf"]

    def _begin(self, method, path, **headers):
        connection = HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        connection.putrequest(method, path)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        own = {"Cookie": cookies, "User-Agent": self.user_agent, "X-Forwarded-For": self._ip, "Connection": "close"}
        for name, value in {**own, **headers}.items():
            if value:
                connection.putheader(name, str(value))
        return connection

    def _answer(self, connection):
        response = connection.getresponse()
        for header in response.headers.get_all("Set-Cookie", ()):
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = morsel.value
        return Answer(response.status, response.headers.get("Location", ""), response.read().decode())


class SecureBrowser(Browser):
    """As Browser, over TLS, without asking who signed for it."""

    @property
    def csrf_token(self):
        return self._cookies["__Host-portal_csrf"]

    def _begin(self, method, path, **headers):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        connection.putrequest(method, path)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        referer = f"https://{self._host}:{self._port}/"
        for name, value in {"Cookie": cookies, "Referer": referer, "Connection": "close", **headers}.items():
            connection.putheader(name, str(value))
        return connection

    def answer_to(self, path, *, method="GET", **headers):
        """(status, headers, body) of the answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(self._begin(method, path, **headers)) as connection:
            connection.endheaders()
            response = connection.getresponse()
            return response.status, response.headers, response.read()


class Sending:
    """An upload by the form, under way: ``send`` as often as one likes, then ``finish``, which gives the Answer."""

    def __init__(self, browser, address, name, size_bytes):
        self._browser = browser
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{browser.csrf_token}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._connection = browser._begin(
            "POST",
            address,
            **{
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": len(head) + size_bytes + len(self._tail),
            },
        )
        self._connection.endheaders(head)

    def send(self, content):
        view = memoryview(content)
        for start in range(0, len(view), PIECE_BYTES):
            self._connection.send(view[start : start + PIECE_BYTES])
        return self

    def end_body(self):
        """The last byte is on its way."""
        self._connection.send(self._tail)
        return self

    def answer(self):
        with closing(self._connection):
            return self._browser._answer(self._connection)

    def finish(self):
        return self.end_body().answer()
