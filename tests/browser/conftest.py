"""One portal, served as it is installed, and one Chromium for all browser tests of a worker."""

import fcntl
import os
import secrets
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connections

from tests import servers
from tests.browser.chromium import Visits, chromium
from tests.browser.factors import AUTHENTICATOR, connect_device

MOST_UPLOAD_BYTES = 40_000_000

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's sync API runs a loop, which Django takes for async code


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """The folder of a portal on SQLite that is prepared and was never served: one for all workers, to be copied."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, unfinished = shared / "prepared", shared / "preparing"
    with open(shared / "prepared.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished.mkdir()
            servers.Portal(unfinished).prepare()
            unfinished.rename(folder)
    return folder


@contextmanager
def same_engine(request):
    """A portal's options: a new database of the server that the suite runs on, or a copy of the prepared one's file."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield {"like": request.getfixturevalue("prepared"), "is_durable": False}
        return
    name = f"portal_browser_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield {"DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl(), "is_durable": False}
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def portal(request):
    with same_engine(request) as options, servers.portal(MAX_UPLOAD_BYTES=str(MOST_UPLOAD_BYTES), **options) as portal:
        yield portal


@pytest.fixture(scope="session")
def browser():
    """The one Chromium of this worker: Playwright's sync API bears no second one beside it."""
    with chromium() as browser:
        yield browser
        # Beside Playwright's loop, Django's connections are others than those that the end of the run closes
        connections.close_all()


@pytest.fixture(scope="session")
def visits(portal, browser):
    return Visits(browser, portal.url)


@pytest.fixture
def visit(visits):
    """``visit("client@example.com", size=PHONE)``: a page in a new context. Its console must stay silent."""
    pages = []

    def visit(email="", **options):
        pages.append(visits.open(email, **options))
        return pages[-1]

    yield visit
    for page in pages:
        page.context.close()
    assert [complaint for page in pages for complaint in page.complaints] == []


@pytest.fixture
def visit_with_device(browser, portal):
    """As ``visit``, at a module's own portal; nobody is signed in, and the context's device can hold passkeys."""
    visits, pages = Visits(browser, portal.url), []

    def visit_with_device(*, authenticator=AUTHENTICATOR, **options):
        page = visits.open(**options)
        pages.append(page)
        if authenticator:
            connect_device(page, authenticator)
        return page

    yield visit_with_device
    for page in pages:
        page.context.close()
    assert [complaint for page in pages for complaint in page.complaints] == []


@pytest.fixture(scope="module")
def page_of(visits):
    """One page for each person, used again and again. Reduced motion: no colour is measured halfway."""
    pages = {}

    def page_of(email):
        if email not in pages:
            pages[email] = visits.open(email, reduced_motion="reduce")
        return pages[email]

    yield page_of
    for page in pages.values():
        page.context.close()
