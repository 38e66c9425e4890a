"""An agent has the floor while a job runs elsewhere: what does the thread show, and what do its buttons do?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from conversations.models import JourneyRun, RemoteTask, WebRequest
from handover import desk
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("J-44")]


@pytest.fixture
def maya(sales: Queue) -> Person:
    modem.published()
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent) -> Endpoint:
    """She has begun the restart, and Ana has taken the conversation."""
    phone = maya.on_whatsapp()
    phone.says("gadget")
    modem.answered()
    cast.take_over(phone, ana)
    phone.news()
    return phone


def press(person: Person, agent: Agent, verb: str, task: RemoteTask | None = None) -> Any:
    """One of the buttons in a job's line."""
    found = task or modem.newest()
    address = f"/inbox/c/{person.conversation.public_id}/jobs/{found.public_id}/{verb}"
    return client_of(agent).post(address, headers={"Accept": "application/json"})


def thread(person: Person, agent: Agent) -> str:
    return client_of(agent).get(f"/inbox/c/{person.conversation.public_id}/").content.decode()


def reports(state: str, **more: Any) -> None:
    modem.report(modem.newest(), modem.newest().last_event_seq + 1, state, **more)
    modem.time_passes()


def test_the_newest_line_of_a_job_has_the_buttons(phone: Endpoint, maya: Person, ana: Agent) -> None:
    reports("running", step=1, total=4, text="reading <b>the line</b>")
    shown = thread(maya, ana)
    assert "Restart my modem runs" in shown
    assert "Step 1 of 4 · reading &lt;b&gt;the line&lt;/b&gt;" in shown
    assert ("Cancel the job" in shown, "Send to customer" in shown, ">Retry<" in shown) == (True, True, False)
    reports("failed", text="no line")
    shown = thread(maya, ana)
    assert ("Cancel the job" in shown, shown.count("Send to customer"), ">Retry<" in shown) == (False, 1, True)


def test_sent_to_the_customer_it_is_the_agents_word_once(phone: Endpoint, maya: Person, ana: Agent) -> None:
    reports("running", step=1, total=4, text="reading the line")
    assert [press(maya, ana, "send").status_code for _ in range(2)] == [200, 200]
    assert phone.news() == ["Step 1 of 4: reading the line"]
    assert phone.shown()[-1].author == "agent"


def test_what_the_agent_has_sent_the_bot_does_not_repeat(
    phone: Endpoint, maya: Person, ana: Agent, later: Callable[..., None]
) -> None:
    reports("done")
    press(maya, ana, "send")
    assert phone.news() == ["Restart my modem is done."]
    desk.release(conversation_id=maya.conversation.pk, agent=ana)
    later(seconds=61)
    modem.time_passes()
    assert "online again" not in cast.words(phone.news())


def test_retry_begins_it_again_without_a_word_to_the_customer(phone: Endpoint, maya: Person, ana: Agent) -> None:
    first = modem.newest()
    reports("failed")
    assert press(maya, ana, "retry").status_code == 200
    assert (modem.newest().attempt, modem.newest().retry_of, phone.news()) == (2, first, [])
    assert press(maya, ana, "retry", first).json()["code"] == "job_over"
    reports("failed")
    press(maya, ana, "retry")
    reports("failed")
    assert modem.newest().attempt == 3
    assert press(maya, ana, "retry").status_code == 409


def test_retry_also_works_after_the_customer_asked_for_the_agent(maya: Person, ana: Agent) -> None:
    phone = maya.on_whatsapp()
    phone.says("gadget")
    reports("failed")
    phone.taps("Agent")
    phone.says("Maya")
    phone.says("It is dead")
    assert maya.conversation.owner_kind != "bot"
    assert press(maya, ana, "retry").status_code == 200
    assert JourneyRun.objects.get(version__journey__key="modem", step_id="go").lane == "background"


def test_cancel_stops_it_here_and_there(phone: Endpoint, maya: Person, ana: Agent) -> None:
    reports("running")
    assert press(maya, ana, "cancel").status_code == 200
    assert modem.newest().state == "cancelled"
    assert modem.calls()[-1] == "POST /jobs/AB12CD34/cancel"
    assert press(maya, ana, "cancel").status_code == 409


def test_nobody_presses_what_is_not_theirs(phone: Endpoint, maya: Person, ana: Agent) -> None:
    reports("failed")
    stranger = make.agent("Ben Okafor", queues=(make.queue("support"),))
    colleague = make.agent("Chloe Martin", supervises=(make.queue("sales"),))
    other = make.waiting_in(make.queue("sales"))
    address = f"/inbox/c/{other.public_id}/jobs/{modem.newest().public_id}/retry"
    assert press(maya, stranger, "retry").status_code == 404
    assert press(maya, colleague, "retry").json()["code"] == "not_yours"
    assert client_of(ana).post(address, headers={"Accept": "application/json"}).status_code == 404
    assert press(maya, ana, "erase").status_code == 404
    assert Client(enforce_csrf_checks=True).post(address).status_code in (302, 401, 403)
    assert WebRequest.objects.count() == 1


def test_running_jobs_stand_on_the_card(phone: Endpoint, maya: Person, ana: Agent) -> None:
    shown = thread(maya, ana)
    assert "Jobs elsewhere" in shown and "Restart my modem" in shown


def test_the_card_tells_how_a_job_is_by_now_and_in_its_last_attempt(phone: Endpoint, maya: Person, ana: Agent) -> None:
    reports("failed", text="no line")
    assert "has failed · no line</dd>" in thread(maya, ana)
    press(maya, ana, "retry")
    modem.answered()
    reports("running", step=1, total=4, text="reading the line")
    assert "runs · Step 1 of 4 · reading the line</dd>" in thread(maya, ana)


def test_the_line_of_an_attempt_that_was_begun_again_has_no_buttons(phone: Endpoint, maya: Person, ana: Agent) -> None:
    reports("failed", text="no line")
    press(maya, ana, "retry")
    assert "data-job-buttons" not in thread(maya, ana)
    modem.answered()
    reports("running", step=1, total=4, text="reading the line")
    assert thread(maya, ana).count("data-job-buttons") == 1
