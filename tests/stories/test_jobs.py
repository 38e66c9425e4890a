"""A job runs elsewhere while the customer goes on: who is told what, where, and what becomes of its end?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from channels_app.template_models import MessageTemplate
from common import clock
from conversations import capabilities
from conversations.content import from_json
from conversations.journeys import callbacks, remote, render
from conversations.journeys.scene import PER_WINDOW
from conversations.models import JourneyRun, RemoteTask, Timer
from conversations.sessions import Place
from handover import desk
from handover.models import Agent, Note, Queue
from tests.channels_app import sending, whatsapp
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    modem.published()
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    """She has begun the restart, and picks a color meanwhile."""
    phone = maya.on_whatsapp()
    said = phone.says("gadget")
    assert said[0] == "The restart has begun."
    assert said[1].startswith("Which color?")
    modem.answered()
    return phone


@pytest.mark.scenario("J-37")
def test_the_job_reports_while_the_customer_walks_on(phone: Endpoint, maya: Person, later: Later) -> None:
    modem.report(modem.newest(), 1, step=1, total=4, text="reading the line")
    modem.time_passes()
    assert phone.news() == ["Step 1 of 4: reading the line"]
    assert phone.says("1") == ["And why?"]
    later(seconds=31)
    modem.report(modem.newest(), 2, step=2, total=4, text="restarting")
    modem.time_passes()
    assert phone.news() == ["Step 2 of 4: restarting"]
    assert phone.says("I like it") == ["Red, because I like it."]
    modem.report(modem.newest(), 3, "done")
    modem.time_passes()
    assert phone.news() == ["Your modem is online again."]


@pytest.mark.scenario("J-37")
def test_a_report_leaves_the_question_in_front_as_it_is(phone: Endpoint, maya: Person) -> None:
    before = JourneyRun.objects.values("seq", "step_id", "wait", "touched_at").get(version__journey__key="color")
    modem.report(modem.newest(), 1, "failed", text="no line")
    modem.time_passes()
    assert (
        JourneyRun.objects.values("seq", "step_id", "wait", "touched_at").get(version__journey__key="color") == before
    )
    assert "The restart failed: no line." in phone.news()[0]


def failed(phone: Endpoint, **more: Any) -> list[str]:
    """The job fails, and the customer is told."""
    modem.report(modem.newest(), modem.newest().last_event_seq + 1, "failed", text="no line", **more)
    modem.time_passes()
    return phone.news()


@pytest.mark.scenario("J-38")
def test_retry_is_a_second_attempt_with_a_secret_of_its_own(phone: Endpoint) -> None:
    first = modem.newest()
    failed(phone)
    phone.taps("Retry")
    modem.answered()
    second = modem.newest()
    assert (second.attempt, second.retry_of) == (2, first)
    assert modem.report(second, 1, "done", key=callbacks.secret(first.public_id)).status_code == 401
    modem.report(second, 1, "done")
    modem.time_passes()
    assert phone.news()[-1] == "Your modem is online again."


@pytest.mark.scenario("J-38", "J-47")
@pytest.mark.parametrize("letter", ["R", "#R", "retry"])
def test_the_menu_of_a_failed_job_takes_its_answer_although_the_bot_has_said_much(phone: Endpoint, letter: str) -> None:
    failed(phone)
    for number in range(PER_WINDOW):
        sending.say(phone.shown()[-1].session, f"Word {number}")
    phone.says(letter)
    assert modem.newest().attempt == 2


@pytest.mark.scenario("J-38")
def test_cancel_ends_it_and_leaves_the_question_in_front(phone: Endpoint) -> None:
    failed(phone)
    assert phone.taps("Cancel") == ["The restart is off."]
    assert not JourneyRun.objects.filter(lane="background", status__in=JourneyRun.OPEN).exists()
    assert phone.says("2") == ["And why?"]


@pytest.mark.scenario("J-38")
def test_agent_comes_to_the_front_with_the_job_on_the_card(phone: Endpoint, maya: Person, ana: Agent) -> None:
    failed(phone, step=2, total=4)
    phone.taps("Agent")
    run = JourneyRun.objects.get(version__journey__key="modem", step_id="agent")
    assert run.lane == "foreground"
    assert JourneyRun.objects.get(version__journey__key="color").status == "suspended"
    phone.says("Maya")
    phone.says("My modem is dead")
    (job,) = Note.objects.get(kind="card").card["jobs"]
    assert (job["state"], job["report"], job["attempt"]) == ("failed", "Step 2 of 4 · no line", 1)
    assert job["error"] == "no line"


@pytest.mark.scenario("J-38")
def test_the_card_says_why_a_job_is_over_of_which_nothing_was_heard(phone: Endpoint, ana: Agent) -> None:
    modem.due(remote.DEADLINE)
    modem.time_passes()
    modem.time_passes()
    phone.taps("Agent")
    for words in ("Maya", "My modem is dead"):
        phone.says(words)
    (job,) = Note.objects.get(kind="card").card["jobs"]
    assert (job["state"], job["error"]) == ("timed_out", "nothing was heard of it in time")


@pytest.mark.scenario("J-46")
def test_after_three_attempts_there_is_no_retry(phone: Endpoint) -> None:
    for _ in range(2):
        assert "Retry" in failed(phone)[-1]
        phone.taps("Retry")
        modem.answered()
    assert modem.newest().attempt == 3
    assert "Retry" not in failed(phone)[-1]


@pytest.mark.scenario("HO-44")
@pytest.mark.scenario("J-39")
def test_by_sms_a_number_answers_in_front_and_a_letter_behind(maya: Person) -> None:
    phone = Endpoint(Place(maya.phone, "sms-demo", "sms", (maya.phone.pk,), "strong"))
    phone.says("gadget")
    modem.answered()
    assert "R) Retry" in rendered(failed(phone), phone)
    assert phone.says("1") == ["And why?"]
    assert phone.says("R") == ["Red, because R."]
    phone.says("#R")
    assert modem.newest().attempt == 2


def rendered(said: list[str], phone: Endpoint) -> str:
    """The last message as an SMS shows it."""
    assert said
    content = from_json(phone.shown()[-1].content)
    return render.render(content, capabilities.of("sms")).messages[0].plain_text()


@pytest.mark.scenario("J-40")
def test_only_the_newest_progress_is_said_and_once_in_half_a_minute(phone: Endpoint, later: Later) -> None:
    task = modem.newest()
    modem.report(task, 1, step=1, total=9, text="one")
    modem.time_passes()
    for seq in (4, 2, 3):
        modem.report(task, seq, step=seq, total=9, text=f"at {seq}")
    modem.time_passes()
    assert phone.news() == ["Step 1 of 9: one"]
    later(seconds=31)
    modem.time_passes()
    assert phone.news() == ["Step 4 of 9: at 4"]


def test_a_job_that_reports_nothing_is_over_at_its_deadline_and_is_told_to_stop(phone: Endpoint, later: Later) -> None:
    later(minutes=16)
    modem.time_passes()
    modem.time_passes()
    assert modem.newest().state == "timed_out"
    assert "The restart failed: deadline." in phone.news()[-1]
    assert modem.calls() == ["POST /jobs", "POST /jobs/AB12CD34/cancel"]


@pytest.mark.scenario("J-44")
def test_while_an_agent_has_the_floor_only_the_team_hears_it(phone: Endpoint, maya: Person, ana: Agent) -> None:
    cast.take_over(phone, ana)
    phone.news()
    modem.report(modem.newest(), 1, step=1, total=4)
    modem.time_passes()
    assert failed(phone) == []
    lines = maya.conversation.events.filter(kind="task_report").order_by("seq")
    assert [line.data["state"] for line in lines] == ["running", "failed"]


@pytest.mark.scenario("J-44")
def test_given_back_to_the_bot_the_end_is_told(phone: Endpoint, ana: Agent, later: Later) -> None:
    conversation = cast.take_over(phone, ana)
    failed(phone)
    desk.release(conversation_id=conversation.pk, agent=ana)
    later(seconds=61)
    modem.time_passes()
    assert "The restart failed: no line." in cast.words(phone.news())


@pytest.mark.scenario("J-44")
def test_an_end_that_the_agent_saw_before_closing_is_not_told_again(phone: Endpoint, ana: Agent, later: Later) -> None:
    conversation = cast.take_over(phone, ana)
    failed(phone)
    desk.close(conversation_id=conversation.pk, agent=ana)
    phone.news()
    later(seconds=61)
    modem.time_passes()
    assert phone.news() == []
    assert JourneyRun.objects.get(lane="background").end_reason == "closed"


@pytest.mark.scenario("J-45")
def test_with_a_shut_window_the_end_goes_out_in_a_template(phone: Endpoint, later: Later) -> None:
    channel = whatsapp.channel()
    MessageTemplate.objects.create(
        channel=channel, name="service_update", language="en", status="approved", category="utility",
        components=[{"type": "body", "text": "News about your request: {{1}}"}], synced_at=clock.now(),
    )  # fmt: skip
    RemoteTask.objects.update(deadline=clock.now() + timedelta(days=3))
    Timer.objects.filter(kind=remote.DEADLINE).delete()
    later(hours=25)
    modem.report(modem.newest(), 1, "done")
    modem.time_passes()
    (said,) = [from_json(row.content) for row in phone.shown() if row.kind == "template"]
    assert said.plain_text() == "News about your request: Your modem is online again."


@pytest.mark.scenario("J-45")
def test_without_a_template_the_next_open_channel_takes_it(phone: Endpoint, maya: Person, later: Later) -> None:
    web = maya.on_web()
    web.says("hello from the shop")
    phone.says("2")
    Timer.objects.filter(kind=remote.DEADLINE).delete()
    later(hours=25)
    modem.report(modem.newest(), 1, "done")
    modem.time_passes()
    assert web.news()[-1] == "Your modem is online again."


@pytest.mark.scenario("J-45")
def test_where_nothing_is_open_it_is_kept_and_said_first_on_the_next_visit(phone: Endpoint, later: Later) -> None:
    Timer.objects.filter(kind=remote.DEADLINE).delete()
    later(hours=25)
    phone.news()
    modem.report(modem.newest(), 1, "done")
    modem.time_passes()
    assert phone.news() == []
    assert phone.says("hi")[0] == "Your modem is online again."


def test_somebody_who_may_not_see_it_is_told_nothing(phone: Endpoint, maya: Person) -> None:
    tom = cast.tom()
    tom.says("hi")
    modem.report(modem.newest(), 1, "done")
    modem.time_passes()
    assert "online" not in cast.words(tom.news())


def test_no_more_than_three_go_on_at_once(maya: Person) -> None:
    phone = maya.on_whatsapp()
    for _ in range(3):
        phone.says("gadget")
    assert "I am already working on several things for you" in cast.words(phone.says("gadget"))
    assert RemoteTask.objects.count() == 3
