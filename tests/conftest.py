"""What does every test stand on? No network but loopback, servers of its own, and Debian's Chromium for the browser."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, expect, sync_playwright
from pytest_django import DjangoDbBlocker

from config import processes
from tests import clearing
from tests import cluster as making
from tests.cluster import begun_with

LOCAL_NAMES = ("localhost", "ip6-localhost", "testserver", "")
# The shell without a window comes first: the same browser, and it spares the time of drawing a frame round each page.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def is_local(host: object) -> bool:
    """Whether a socket address names this machine; names that need a resolver do not."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(name).split("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: a connection or a name look-up that would leave this machine raises `RuntimeError`."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise RuntimeError(f"tests may not use the network: {address[0]}")
    elif event == "socket.getaddrinfo" and not is_local(arguments[0]):
        raise RuntimeError(f"tests may not resolve names: {arguments[0]!r}")


sys.addaudithook(refuse_network)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The run of browsers and faults leaves modules out that name neither: it need not import a hundred clients."""
    if config.option.markexpr != "browser or faults" or not collection_path.match("test_*.py"):
        return None
    words = collection_path.read_text()
    return None if "browser" in words or "faults" in words else True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database; at the end, threads that outlived their test lose their sessions, for it is dropped then."""
    with pytest.MonkeyPatch.context() as patch:
        clearing.install(patch)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What a process keeps in memory of the database belongs to the test before this one."""
    from conversations.answers import vocabulary  # apps are loaded by now
    from conversations.journeys import publishing
    from customers import definitions, policy

    publishing.forget()
    vocabulary.forget()
    policy.assume(policy.Policy())
    definitions.assume()


@pytest.fixture(autouse=True)
def no_letter_outlives_its_test() -> Iterator[None]:
    """A pretended provider's webhook that is under way at the end is waited for: later the database is closed to it."""
    from channels_app.sandbox import postman

    carrier = postman.Postman()
    before = postman.carried_by(carrier.post)
    yield
    postman.carried_by(before)
    carrier.close()


@pytest.fixture
def redis_client() -> Iterator[redis.Redis]:
    """A client of the test Redis; a test keeps to keys of its own, for test processes share the server."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    yield client
    client.close()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database directory that is made, migrated and at rest: made once for all test processes."""
    if making.MADE in os.environ:
        return Path(os.environ[making.MADE])
    base = tmp_path_factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cluster"
    directory.mkdir(exist_ok=True)
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "made").exists():
            making.make(directory)
            (directory / "made").touch()
    return directory / "postgres"


@pytest.fixture(scope="session")
def stack(cluster: Path) -> Iterator[processes.Stack]:
    """The whole of Throughline, running: every process, its own servers, a free port, the demo; once for all tests."""
    with ExitStack() as held:
        with begun_with(cluster):
            running = held.enter_context(processes.stack(env={"SANDBOX": "1"}))
        yield running


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The system's Chromium; without one the test fails and says what to install."""
    if "not browser" in request.config.getoption("markexpr"):  # it leaves a running loop in the thread of the others
        pytest.fail("A test that drives a browser lacks the mark that says so.", pytrace=False)
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("Browser tests need Chromium: install it (Debian: apt-get install chromium).", pytrace=False)
    # Playwright's synchronous interface runs a loop in this thread; Django would refuse its ORM there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # A machine that runs two suites at once takes longer than the five seconds that Playwright waits by default.
    expect.set_options(timeout=30_000)
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()
