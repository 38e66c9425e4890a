"""The modem story over real HTTP: the library's journey, the pretended telephone company, its signed reports."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from channels_app.sandbox import postman
from channels_app.sandbox.backends import jobs
from channels_app.sandbox.models import SandboxFact
from config.demo import backends
from conversations import timers
from conversations.journeys import callbacks, callers
from conversations.models import RemoteTask
from tests.stories import cast
from tests.stories.cast import Endpoint

PATIENCE = 20.0  # seconds


@pytest.fixture
def phone(transactional_db: None, settings: Settings, live_server: LiveServer) -> Iterator[Endpoint]:
    """Maya on WhatsApp; the demo's telephone company is a running server, and its postman runs ahead of the pace."""
    settings.SANDBOX, settings.PUBLIC_URL, settings.CONNECTION_PRIVATE_HOSTS = True, live_server.url, []
    backends.seed()
    cast.sales()
    cast.library()
    carrier = postman.Postman()
    before = postman.carried_by(lambda letter, after: carrier.post(letter, after / 40))
    yield cast.maya().on_whatsapp()
    postman.carried_by(before)
    carrier.close()


def plays(name: str, pace: str = "12") -> None:
    SandboxFact.objects.create(channel=jobs.KEY, name=jobs.PLAY, value={"play": name, "pace": pace})


def begins(phone: Endpoint) -> list[str]:
    """Asks for the restart; the system says that it can be done, and the job is begun."""
    phone.says("modem")
    phone.says("ab12cd34")
    callers.call_due()
    said = phone.news()
    callers.call_due()
    return said


def until(is_so: Callable[[], bool]) -> None:
    """Waits for reports that come over the wire, and fires what is due."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < PATIENCE, "the job has not reported"
        timers.sweep()
        time.sleep(0.05)


@pytest.mark.scenario("J-37")
def test_the_modem_restarts_while_she_looks_around(phone: Endpoint) -> None:
    plays("works", pace="35")
    said = begins(phone)
    assert said[0].startswith("I restart your modem now")
    assert "Order a chair" in cast.words(said)
    until(lambda: " of 4: " in cast.words(phone.news()))
    assert phone.says("1")
    until(lambda: RemoteTask.objects.get().is_settled)
    assert phone.news()[-1] == "Your modem is online again."


@pytest.mark.scenario("J-38")
def test_it_fails_and_the_second_attempt_works(phone: Endpoint) -> None:
    plays("fails_once")
    begins(phone)
    until(lambda: "I could not restart your modem (The modem does not answer)" in cast.words(phone.news()))
    phone.taps("Retry")
    callers.call_due()
    until(lambda: "Your modem is online again." in phone.news())
    assert list(RemoteTask.objects.order_by("pk").values_list("attempt", "state")) == [(1, "failed"), (2, "done")]


@pytest.mark.scenario("J-42")
@pytest.mark.parametrize("play", ["twice", "mixed", "late", "changed", "forged"])
def test_whatever_else_is_sent_it_ends_once_and_well(phone: Endpoint, play: str) -> None:
    plays(play)
    begins(phone)
    until(lambda: RemoteTask.objects.get().is_settled)
    assert phone.news()[-1] == "Your modem is online again."
    assert RemoteTask.objects.get().state == "done"


def code(language: str) -> str:
    """The example of the how-to page."""
    page = (settings.BASE_DIR / "docs/how-to/long-running-task.md").read_text()
    return page.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_python_of_the_page_reports(phone: Endpoint) -> None:
    plays("silent")
    begins(phone)
    task = RemoteTask.objects.get()
    exec(code("python"), {"callback": callbacks.address(task.public_id), "secret": callbacks.secret(task.public_id)})
    task.refresh_from_db()
    assert (task.state, task.last_event_seq) == ("done", 2)


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="curl and openssl are not installed")
def test_the_shell_of_the_page_reports(phone: Endpoint) -> None:
    plays("silent")
    begins(phone)
    task = RemoteTask.objects.get()
    told = {"CALLBACK": callbacks.address(task.public_id), "SECRET": callbacks.secret(task.public_id)}
    subprocess.run(["bash", "-c", code("bash")], env={**os.environ, **told}, check=True, capture_output=True)
    task.refresh_from_db()
    assert task.report == {"seq": 1, "state": "running", "step": 1, "total": 4, "text": "Reading the line"}
