"""Does a run hear what another system answers: once, in time, and only while it still waits for it?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from conversations.journeys import callers, calls, requests
from conversations.models import JourneyRun, WebRequest
from tests.common.backends import Answer, Backend, said, serve
from tests.conversations import asking
from tests.handover.at_once import at_once
from tests.stories import cast
from tests.stories.cast import Person

State = WebRequest.State


def until(is_so: Callable[[], bool], seconds: float = 8.0) -> None:
    """Waits for it, and fails if it does not come."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


@pytest.fixture
def shop(db: None, settings: Settings) -> Iterator[Backend]:
    """A shop that answers with an order, and the connection to it."""
    with serve() as backend:
        settings.CONNECTION_PRIVATE_HOSTS = [backend.place]
        asking.connect(backend)
        backend.usual = said({"state": "on its way"})
        yield backend


@pytest.fixture
def maya(shop: Backend) -> Person:
    cast.sales()
    cast.library()
    cast.publish(asking.TRACK)
    return cast.maya()


def test_the_answer_is_said_and_nothing_is_asked_within_the_turn(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya)
    assert shop.got == []
    callers.call_due()
    assert phone.news()[-1] == "It is on its way."
    (got,) = shop.got
    assert (got.method, got.path) == ("GET", "/orders/4711")
    assert got.headers["authorization"] == f"Bearer {asking.SECRET}"
    assert asking.request().state == State.APPLIED


def test_a_status_takes_its_own_edge_and_what_has_none_the_error_edge(maya: Person, shop: Backend) -> None:
    shop.answers = [said({}, 404), said({}, 403)]
    phone = asking.asks(maya)
    callers.call_due()
    assert phone.news()[-1] == "We do not know that order."
    phone = asking.asks(maya)
    callers.call_due()
    assert phone.news()[-1] == "The shop does not answer."


@pytest.mark.scenario("J-32")
@pytest.mark.parametrize(
    ("answer", "error"),
    [(Answer(body=b'"' + bytes(300 * 1024) + b'"'), "too_large"), (Answer(body=b"<p>"), "not_json")],
)
def test_an_answer_that_cannot_be_read_takes_the_error_edge(
    maya: Person, shop: Backend, answer: Answer, error: str
) -> None:
    shop.usual = answer
    phone = asking.asks(maya)
    callers.call_due()
    assert phone.news()[-1] == "The shop does not answer."
    row = asking.request()
    assert (row.error, row.attempts, row.response) == (error, 1, None)


@pytest.mark.scenario("J-33")
def test_an_answer_after_cancel_is_discarded(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya)
    task = requests.claim()
    assert task is not None
    phone.says("cancel")
    outcome = calls.make(task[0].connection, requests.asked(task[0]), key=task[0].idempotency_key)
    before = len(phone.shown())
    requests.store(task[0], outcome, is_probe=False)
    requests.hand_on(task[0].pk)
    assert asking.request().state == State.DISCARDED
    assert len(phone.shown()) == before
    assert maya.run("track").status == JourneyRun.Status.CANCELLED


@pytest.mark.scenario("J-34")
def test_every_attempt_carries_the_same_key_and_another_question_another(maya: Person, shop: Backend) -> None:
    shop.answers = [said({}, 503), said({}, 500)]
    phone = asking.asks(maya)
    for _ in range(3):
        asking.make_due()
        callers.call_due()
    asking.asks(maya)
    callers.call_due()
    keys = [got.headers["idempotency-key"] for got in shop.got]
    row = WebRequest.objects.order_by("pk")[0]
    assert keys[:3] == [f"{row.run.public_id.hex}:{row.seq}"] * 3
    assert len(keys) == 4 and keys[3] != keys[0]
    assert "It is on its way." in phone.news()


@pytest.mark.scenario("J-34")
def test_the_next_attempt_waits_as_its_author_wrote(maya: Person, shop: Backend) -> None:
    shop.usual = said({}, 503)
    phone = asking.asks(maya)
    callers.call_due()
    assert callers.call_due() == 0
    waits = WebRequest.objects.annotate(moment=Now()).get(pk=asking.request().pk)
    assert timedelta(seconds=0.5) < waits.next_attempt_at - waits.moment < timedelta(seconds=1.4)
    for _ in range(4):
        asking.make_due()
        callers.call_due()
    assert len(shop.got) == 3
    assert phone.news()[-1] == "The shop does not answer."


POST = asking.TRACK.replace("method: GET", "method: POST").replace(
    "    retry: {attempts: 3, backoff: 1s, max: 10s, on: [timeout, 429, 5xx]}\n", ""
)


def test_what_may_not_be_sent_twice_is_sent_once(maya: Person, shop: Backend) -> None:
    cast.publish(POST)
    shop.usual = said({}, 503)
    phone = asking.asks(maya)
    callers.call_due()
    WebRequest.objects.update(retry={"attempts": 3})  # however it came there
    assert len(shop.got) == 1
    assert phone.news()[-1] == "The shop does not answer."


@pytest.mark.scenario("J-24")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_worker_that_died_during_the_call_costs_a_call_or_an_honest_error(
    maya: Person, shop: Backend, method: str
) -> None:
    if method == "POST":
        cast.publish(POST)
    phone = asking.asks(maya)
    assert requests.claim() is not None  # and dies
    assert callers.sweep() == 0
    WebRequest.objects.update(lease_until=Now() - timedelta(seconds=1))
    callers.sweep()
    asking.make_due()
    callers.sweep()
    said_last = phone.news()[-1]
    assert said_last == ("It is on its way." if method == "GET" else "The shop does not answer.")
    assert len(shop.got) == (1 if method == "GET" else 0)


@pytest.mark.scenario("J-24")
def test_a_caller_whose_lease_ran_out_does_not_count_twice(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya)
    late = requests.claim()
    assert late is not None
    WebRequest.objects.update(lease_until=Now() - timedelta(seconds=1))
    callers.sweep()
    assert asking.request().state == State.APPLIED
    assert requests.store(late[0], calls.Outcome(500), is_probe=False) is False
    requests.hand_on(late[0].pk)
    assert phone.news().count("It is on its way.") == 1


@pytest.mark.scenario("J-24")
@pytest.mark.django_db(transaction=True)
def test_an_answer_that_a_dead_worker_stored_is_applied_once_by_whoever_finds_it(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya)
    task = requests.claim()
    assert task is not None
    outcome = calls.make(task[0].connection, requests.asked(task[0]), key=task[0].idempotency_key)
    requests.store(task[0], outcome, is_probe=False)  # and dies
    assert requests.hand_on_left() == 0, "the one who stored it comes first"
    asking.make_due()
    found = at_once([requests.hand_on_left] * 6)
    assert not [one for one in found if isinstance(one, Exception)]
    assert phone.news().count("It is on its way.") == 1
    row = asking.request()
    assert (row.state, maya.run("track").status) == (State.APPLIED, JourneyRun.Status.COMPLETED)


@pytest.mark.django_db(transaction=True)
def test_several_workers_ask_once(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya)
    at_once([callers.call_due] * 6)
    assert len(shop.got) == 1
    assert phone.news().count("It is on its way.") == 1


@pytest.mark.scenario("HO-21")
def test_an_agent_who_takes_over_during_the_call_is_not_talked_over(maya: Person, shop: Backend) -> None:
    ana = cast.ana(cast.sales())
    phone = asking.asks(maya)
    row, leave = requests.claim() or pytest.fail("nothing to ask")
    cast.take_over(phone, ana)
    before, seq = len(phone.shown()), maya.run("track").seq
    outcome = calls.make(row.connection, requests.asked(row), key=row.idempotency_key)
    requests.store(row, outcome, is_probe=leave.is_probe)
    requests.hand_on(row.pk)
    assert len(phone.shown()) == before
    assert maya.run("track").seq == seq


def test_a_connection_that_is_switched_off_is_not_called(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya)
    connection = asking.request().connection
    assert connection is not None
    connection.is_enabled = False
    connection.save(update_fields=["is_enabled"])
    callers.call_due()
    assert (shop.got, asking.request().error) == ([], "disabled")
    assert phone.news()[-1] == "The shop does not answer."


def test_a_connection_that_was_deleted_takes_the_error_edge(maya: Person, shop: Backend) -> None:
    phone = asking.asks(maya)
    connection = asking.request().connection
    assert connection is not None
    connection.delete()
    callers.call_due()
    assert (shop.got, asking.request().error) == ([], "disabled")
    assert phone.news()[-1] == "The shop does not answer."


@pytest.mark.django_db(transaction=True)
def test_a_worker_asks_many_at_once_and_a_slow_system_holds_up_no_other(
    maya: Person, shop: Backend, settings: Settings
) -> None:
    with serve() as slow:
        settings.CONNECTION_PRIVATE_HOSTS = [shop.place, slow.place]
        ended = threading.Event()
        slow.before = lambda got: ended.wait(40) and None
        phone = asking.asks(maya)
        asking.crowd(asking.connect(slow, key="slow", title="Slow"), 6)
        with callers.Callers() as calling:
            until(lambda: calling.pump() >= 0 and phone.news()[-1:] == ["It is on its way."])
            assert (calling.in_flight, len(shop.got)) == (callers.SHARE, 1)
            ended.set()
            until(lambda: calling.pump() == 0 and not calling.in_flight)
    assert (len(slow.got), WebRequest.objects.filter(state=State.DISCARDED).count()) == (6, 6)


def test_a_question_that_nobody_takes_shows_in_the_check_up(maya: Person, shop: Backend) -> None:
    assert requests.oldest_due() is None
    asking.asks(maya)
    WebRequest.objects.update(next_attempt_at=Now() - timedelta(seconds=400))
    assert (requests.oldest_due() or 0) >= 400
    callers.call_due()
    assert requests.oldest_due() is None
