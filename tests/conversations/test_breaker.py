"""Does a system that fails get its rest, over every process, and is it found well again?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from conversations.journeys import breaker, callers, calls
from conversations.journeys.effects import Request
from conversations.models import Connection, ConnectionState, WebRequest
from tests.common.backends import Answer, Backend, said, serve
from tests.conversations import asking
from tests.handover.at_once import at_once
from tests.stories import cast
from tests.stories.cast import Person


@pytest.fixture
def shop(db: None, settings: Settings) -> Iterator[Backend]:
    """A shop that is broken."""
    with serve() as backend:
        settings.CONNECTION_PRIVATE_HOSTS = [backend.place]
        backend.usual = said({}, 503)
        yield backend


@pytest.fixture
def connection(shop: Backend) -> Connection:
    return asking.connect(shop)


def fails(connection: Connection, times: int = breaker.FAILURES) -> None:
    for _ in range(times):
        leave = breaker.ask(connection)
        assert leave.may_go
        breaker.note(connection.pk, is_failure=True, is_probe=leave.is_probe)


def rest_is_over() -> None:
    ConnectionState.objects.update(open_until=Now() - timedelta(seconds=1))


@pytest.fixture
def maya(connection: Connection) -> Person:
    cast.sales()
    cast.library()
    cast.publish(asking.TRACK.replace("    retry: {attempts: 3, backoff: 1s, max: 10s, on: [timeout, 429, 5xx]}\n", ""))
    return cast.maya()


@pytest.mark.scenario("J-35")
def test_after_five_failures_the_error_edge_comes_without_a_call_and_one_probe_closes(
    maya: Person, connection: Connection, shop: Backend
) -> None:
    for _ in range(5):
        asking.asks(maya)
        callers.call_due()
    assert (len(shop.got), breaker.place(connection)) == (5, "open")
    phone = asking.asks(maya)
    callers.call_due()
    assert (len(shop.got), asking.request().error) == (5, "breaker")
    assert phone.news()[-1] == "The shop does not answer."
    rest_is_over()
    shop.usual = said({"state": "here"})
    phone = asking.asks(maya)
    callers.call_due()
    assert (len(shop.got), breaker.place(connection)) == (6, "closed")
    assert phone.news()[-1] == "It is here."


@pytest.mark.scenario("J-35")
def test_a_probe_that_fails_opens_it_again(connection: Connection) -> None:
    fails(connection)
    rest_is_over()
    assert breaker.place(connection) == "half_open"
    fails(connection, times=1)
    assert breaker.place(connection) == "open"
    state = ConnectionState.objects.annotate(moment=Now()).get()
    assert state.open_until is not None
    assert timedelta(seconds=55) < state.open_until - state.moment <= breaker.REST


@pytest.mark.scenario("J-35")
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_probes(connection: Connection) -> None:
    fails(connection)
    rest_is_over()
    found = at_once([lambda: breaker.ask(connection)] * 8)
    assert sorted((one.may_go, one.is_probe, one.is_open) for one in found if isinstance(one, breaker.Leave)) == [
        *[(False, False, True)] * 7,
        (True, True, False),
    ]


@pytest.mark.scenario("J-35")
def test_a_probe_whose_worker_died_is_followed_by_another(connection: Connection) -> None:
    fails(connection)
    rest_is_over()
    assert breaker.ask(connection).is_probe
    assert breaker.ask(connection).is_open
    rest_is_over()  # nobody has told what came of it
    assert breaker.ask(connection).is_probe


def test_four_failures_or_five_that_are_far_apart_do_not_open_it(connection: Connection) -> None:
    fails(connection, times=4)
    assert breaker.place(connection) == "closed"
    state = ConnectionState.objects.get()
    state.failed_at = [at - timedelta(seconds=61) for at in state.failed_at]
    state.save(update_fields=["failed_at"])
    fails(connection, times=4)
    assert breaker.place(connection) == "closed"
    fails(connection, times=1)
    assert breaker.place(connection) == "open"


def test_an_answer_begins_the_count_anew(connection: Connection) -> None:
    fails(connection, times=4)
    breaker.note(connection.pk, is_failure=False, is_probe=False)
    fails(connection, times=4)
    assert breaker.place(connection) == "closed"


def test_what_was_on_its_way_when_it_opened_tells_nothing_new(connection: Connection) -> None:
    fails(connection)
    breaker.note(connection.pk, is_failure=False, is_probe=False)
    assert breaker.place(connection) == "open"


def test_it_can_be_closed_by_hand(connection: Connection) -> None:
    fails(connection)
    breaker.reset(connection=connection)
    assert breaker.ask(connection) == breaker.Leave()


@pytest.mark.parametrize(
    ("answer", "is_failure"),
    [(said({}, 500), True), (said({}, 404), False), (said({}, 429), False), (Answer(body=b"<p>"), False)],
)
def test_only_what_tells_of_the_system_counts(
    connection: Connection, shop: Backend, answer: Answer, is_failure: bool
) -> None:
    shop.usual = answer
    assert calls.make(connection, Request("shop", "GET", "/"), key="k").is_failure is is_failure


def test_nobody_there_counts(connection: Connection, shop: Backend) -> None:
    shop.shutdown()
    shop.server_close()
    assert calls.make(connection, Request("shop", "GET", "/"), key="k").is_failure


def test_no_more_calls_a_minute_than_allowed_and_the_rest_later(
    maya: Person, connection: Connection, shop: Backend
) -> None:
    shop.usual = said({"state": "here"})
    connection.per_minute = 2
    connection.save(update_fields=["per_minute"])
    for _ in range(3):
        phone = asking.asks(maya)
        callers.call_due()
    row = WebRequest.objects.annotate(moment=Now()).latest("pk")
    assert (len(shop.got), row.state, row.attempts) == (2, "pending", 0)
    assert timedelta(seconds=50) < row.next_attempt_at - row.moment <= timedelta(seconds=60)
    ConnectionState.objects.update(minute_at=Now() - timedelta(seconds=61))
    asking.make_due()
    callers.call_due()
    assert len(shop.got) == 3
    assert phone.news()[-1] == "It is here."
