"""The server is killed at moments that nobody chose while people sign in, send, fetch, rename and delete. What was acknowledged
is in the log, once, as it was; and the log is one whole chain."""

import hashlib
import os
import random
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from types import SimpleNamespace

import pytest

from portal.demonstration.people import CLIENT_USERS, PASSWORD
from tests import servers
from tests.prove.browser import Browser
from tests.prove.inspect_portal import state_of, verify

PEOPLE = ["client@example.com", "other.client@example.com", "client@example.com"]
SEED = 20_261_124
FILES_EACH = 40
LIFE_SECONDS = (0.05, 1.2)
LIMITED = "sign-in.limited"
LIVES_PER_SIGN_IN = 3  # one that is cut off counts as failed, of which 10 a minute are let


@dataclass
class Act:
    """What somebody did in a request of its own ``user_agent``, and the event that it is to leave."""

    user_agent: str
    actor: str
    action: str
    subject_id: str = ""
    subject: str = ""
    note: str = ""
    status: int | None = None  # of the answer; None where none came

    def is_told_by(self, event):
        if self.action == event.action == LIMITED:
            return True  # of the account, or of nobody where it is the address that may try no more
        told = all(getattr(event, name) == getattr(self, name) for name in ("actor", "action", "note"))
        return told and self.subject_id in ("", event.subject_id) and self.subject in ("", event.subject)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def killable(request):
    """(the portal, how many kills)"""
    if request.param == "SQLite":
        with servers.portal(PORTAL_WORKERS="1") as portal:
            yield portal, 40
    else:
        with servers.postgresql() as database, servers.portal(PORTAL_WORKERS="1", DATABASE_URL=database) as portal:
            yield portal, 20


def test_every_acknowledged_act_is_in_the_log_once_after_every_kill(killable, request, say):
    portal, kills = killable
    people = [Person(portal, number, email) for number, email in enumerate(PEOPLE)]
    ids = {version.name: version.file_id for version in state_of(portal).versions}
    world = SimpleNamespace(is_up=threading.Event(), is_over=threading.Event(), is_sign_in_due=True)
    world.is_up.set()

    with ThreadPoolExecutor(len(people)) as threads:
        acting = [threads.submit(person.act_until_the_end, world, ids) for person in people]
        try:
            _kill_again_and_again(portal, kills, world)
        finally:
            world.is_over.set()
            world.is_up.set()
        acts = [act for done in acting for act in done.result()]

    told = defaultdict(list)
    for event in state_of(portal).events:
        told[event.user_agent].append(event)
    acknowledged = [act for act in acts if act.status]
    cut_off = [act for act in acts if not act.status]
    say(
        f"{request.node.callspec.id}: {kills} kills; acknowledged {dict(Counter(act.action for act in acknowledged))}, "
        f"{len(cut_off)} cut off ({sum(bool(told[act.user_agent]) for act in cut_off)} of them in the log)"
    )
    assert {act.status for act in acknowledged} == {200, 302}
    assert len({act.action for act in acknowledged}) == 5
    assert [act for act in acknowledged if len(told[act.user_agent]) != 1] == []
    assert [act for act in cut_off if len(told[act.user_agent]) > 1] == []
    assert [
        (act, told[act.user_agent]) for act in acts for event in told[act.user_agent] if not act.is_told_by(event)
    ] == []
    assert len(cut_off) >= kills // 2
    verify(portal)


def _kill_again_and_again(portal, kills, world):
    chance = random.Random(SEED)
    for life in range(kills):
        time.sleep(chance.uniform(*LIFE_SECONDS))
        world.is_up.clear()
        portal.kill()
        portal.start()
        world.is_sign_in_due = life % LIVES_PER_SIGN_IN == 0  # at once: it takes longest
        world.is_up.set()


class Person:
    """Somebody with a session, a folder, and FILES_EACH files there to rename, fetch and delete."""

    def __init__(self, portal, number, email):
        self.portal, self.number, self.email = portal, number, email
        self.chance = random.Random(SEED + number)
        self.browser = Browser(portal).sign_in(email)
        _, self.folder = self.browser.own_folder()
        self.names = [f"Ledger {number}.{file}.bin" for file in range(FILES_EACH)]
        for name in self.names:
            assert self.browser.upload(self.folder, name, name.encode()).status == 302

    def act_until_the_end(self, world, ids):
        self.files, self.acts = [ids[name] for name in self.names], []
        while not world.is_over.is_set():
            assert world.is_up.wait(120), "the server did not come back"
            self._act(*self._next(self._agent(), world))
        email = self.chance.choice(CLIENT_USERS).email
        self._act(*self._sign_in(self._agent(), email))
        return self.acts

    def _agent(self):
        self.browser.user_agent = f"act {self.number}.{len(self.acts)}"
        return self.browser.user_agent

    def _act(self, act, do):
        self.acts.append(act)
        try:
            act.status = do()
        except (OSError, HTTPException):
            act.status = None  # cut off

    def _next(self, agent, world):
        if world.is_sign_in_due:
            world.is_sign_in_due = False
            email = self.chance.choice(CLIENT_USERS).email
            return self._sign_in(agent, email)
        return self.chance.choice([self._upload, self._download, self._rename, self._delete])(agent)

    def _sign_in(self, agent, email):
        act = Act(agent, email, "sign-in.signed-in")

        def sign_in():
            answer = self.browser.anew().post("/account/login/", login=email, password=PASSWORD)
            if answer.status == 302:
                return 302
            assert "Too many" in answer.text  # the killed process counted tries: for up to ten seconds nobody else may
            act.action = LIMITED
            return None

        return act, sign_in

    def _upload(self, agent):
        content = os.urandom(self.chance.randint(1_000, 2_000_000))
        note = f"SHA-256 {hashlib.sha256(content).hexdigest()}"
        act = Act(agent, self.email, "files.uploaded", subject=f"{agent}.bin", note=note)
        return act, lambda: self.browser.upload(self.folder, act.subject, content).status

    def _download(self, agent):
        file = self.chance.choice(self.files)
        act = Act(agent, self.email, "files.downloaded", file)
        return act, lambda: self.browser.fetch(f"/files/{file}/download/").status

    def _rename(self, agent):
        file = self.chance.choice(self.files)
        act = Act(agent, self.email, "files.renamed", file, f"{agent} renamed.bin")
        return act, lambda: self.browser.post(f"/files/{file}/name/", name=act.subject).status

    def _delete(self, agent):
        if len(self.files) == 1:
            return self._download(agent)
        file = self.files.pop()
        return Act(agent, self.email, "files.binned", file), lambda: self.browser.post(f"/files/{file}/bin/").status
