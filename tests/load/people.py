"""What people do: a client's person who comes, looks, sends, fetches and goes, and an administrator over the log."""

import hashlib
import json
import os
import random
import re
from concurrent.futures import ThreadPoolExecutor

from portal.demonstration.people import ADMINISTRATOR, PASSWORD
from tests.load.book import Unexpected
from tests.prove.browser import Browser

SIGN_IN = "/account/login/"
THINKING_SECONDS = 8  # on the average, before each step; some hurry, some read
LEAST_SECONDS, MOST_SECONDS = 1, 40
AWAY_SECONDS = 20  # between two visits, on the average
ADMINISTRATOR_SECONDS = 2
STEPS = 6, 14  # of a visit
PARTS_AT_ONCE = 4  # as the script sends them
NOISE = os.urandom(32 * 1024**2)
SIZES = {(50_000, 500_000): 70, (500_000, 4_000_000): 25, (16_000_000, 20_000_000): 5}  # bytes, from and to: weight


class Over(Exception):
    """The time is up."""


class Person:
    """``over``, an event, ends what the person does at the next pause; ``book`` keeps it."""

    thinking_seconds = THINKING_SECONDS

    def __init__(self, portal, email, ip, book, over, *, seed):
        self.portal, self.email, self.ip = portal, email, ip
        self.book, self.over = book, over
        self.chance = random.Random(seed)

    def live(self, *, first_seconds):
        """Comes after so long, and again and again, until it is over."""
        try:
            self.pause(first_seconds)
            while True:
                try:
                    self.visit()
                except Unexpected:  # counted; whoever meets one begins anew
                    self.pause(self.thinking_seconds)
        except Over:
            pass

    def pause(self, seconds):
        if self.over.wait(seconds):
            raise Over

    def think(self, mean_seconds=None):
        seconds = self.chance.expovariate(1 / (mean_seconds or self.thinking_seconds))
        self.pause(min(max(seconds, LEAST_SECONDS), MOST_SECONDS))

    def page(self, kind, path):
        return self.book.ask(kind, lambda: self.browser.get(path))

    def sign_in(self):
        self.browser = Browser(self.portal, ip=self.ip)
        self.page("Sign-in page", SIGN_IN)
        self.think()
        form = {"login": self.email, "password": PASSWORD}
        self.book.ask("Signing in", lambda: self.browser.post(SIGN_IN, **form), status=302)
        self.page("Home", "/")

    def sign_out(self):
        self.book.ask("Signing out", lambda: self.browser.post("/account/logout/"), status=302)

    def fetch(self, kind, path):
        fetched = self.book.ask(kind, lambda: self.browser.fetch(path))
        self.book.was_fetched(fetched.size_bytes)
        return fetched


class ClientUser(Person):
    def __init__(self, *arguments, files, **options):
        super().__init__(*arguments, **options)
        self.files = dict(files)  # address → SHA-256

    def visit(self):
        self.sign_in()
        self.think()
        self.cabinet = self.book.ask("Way to the cabinet", lambda: self.browser.get("/files/"), status=302).location
        self.list_files()
        acts = {self.list_files: 30, self.look_at_a_file: 20, self.download: 25, self.upload: 15, self.read_trail: 10}
        for act in self.chance.choices(list(acts), acts.values(), k=self.chance.randint(*STEPS)):
            self.think()
            act()
        self.think()
        self.sign_out()
        self.think(AWAY_SECONDS)

    def list_files(self):
        text = self.page("Folder", self.cabinet).text
        self.folder = re.search(r"/files/folders/([0-9a-f-]{36})/files/", text)[1]

    def look_at_a_file(self):
        self.page("File", self.chance.choice(list(self.files)))

    def read_trail(self):
        self.page("Own activity", "/activity/mine/")

    def download(self):
        address = self.chance.choice(list(self.files))
        fetched = self.fetch("Download", f"{address}download/")
        if fetched.sha256 != self.files[address]:
            raise self.book.fault("Download", f"{address} came with other bytes")

    def upload(self):
        """As the script does it: begin, the parts, complete; then the folder is shown again."""
        content, name = self.content(), f"Scan {self.chance.randrange(10**9):09}.pdf"
        fields = {"folder": self.folder, "name": name, "size": len(content), "changed_at": "1"}
        state = self.ask("Upload, begin", "POST", "/files/uploads/", status=201, **fields)
        size = state["part_bytes"]
        starts = range(0, len(content), size)

        def put(start):
            path = f"{state['address']}parts/{start // size + 1}/"
            self.ask("Upload, part", "PUT", path, body=content[start : start + size])

        if len(starts) == 1:
            put(0)
        else:
            with ThreadPoolExecutor(PARTS_AT_ONCE) as parts:
                list(parts.map(put, starts))
        answer = self.ask("Upload, complete", "POST", f"{state['address']}complete/")
        digest = hashlib.sha256(content).hexdigest()
        self.files[answer["address"]] = digest
        self.book.was_kept(name, digest, len(content))
        self.list_files()

    def content(self):
        (least, most), *_ = self.chance.choices(list(SIZES), SIZES.values())
        size_bytes = self.chance.randint(least, most)
        start = self.chance.randrange(len(NOISE) - size_bytes)
        return self.chance.randbytes(32) + NOISE[start : start + size_bytes - 32]  # no two alike

    def ask(self, kind, method, path, *, status=200, **what):
        return json.loads(self.book.ask(kind, lambda: self.browser.ask(method, path, **what), status=status).text)


class Administrator(Person):
    """Filters the log, and takes what was found away as CSV and Excel, over and over."""

    thinking_seconds = ADMINISTRATOR_SECONDS

    def __init__(self, portal, book, over, *, clients, seed):
        super().__init__(portal, ADMINISTRATOR.email, ADMINISTRATOR.ip, book, over, seed=seed)
        self.clients = clients  # as populate() gives them

    def visit(self):
        self.sign_in()
        while True:
            query = self.query()
            self.think()
            self.page("Log, filtered", f"/activity/?{query}")
            for extension, words in {"csv": "CSV", "xlsx": "Excel"}.items():
                self.think()
                self.fetch(f"Export, {words}", f"/activity.{extension}?{query}")

    def query(self):
        one = self.chance.choice(self.clients)
        return self.chance.choice(
            [
                "",
                "action=files.downloaded",
                "area=sign-in",
                f"client={one['client']}",
                f"client={one['client']}&action=files.uploaded",
                f"ip={one['ip']}",
                f"q={one['email']}",
                "area=files&q=Statement%203",
            ]
        )
