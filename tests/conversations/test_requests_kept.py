"""How long is it kept what was asked of another system, and does it go with its person?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from common import clock
from conversations.journeys import callers, calls, requests
from conversations.models import WebRequest
from customers import privacy
from tests.common.backends import Backend, said, serve
from tests.conversations import asking
from tests.stories import canaries, cast
from tests.stories.cast import Person

State = WebRequest.State


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


@pytest.mark.scenario("J-57")
def test_an_erased_customer_is_not_asked_about_and_leaves_no_request(maya: Person, shop: Backend) -> None:
    asking.asks(maya)
    callers.call_due()
    asking.asks(maya, "4712")
    task = requests.claim()
    assert task is not None
    canaries.erase(maya.customer)
    assert not WebRequest.objects.exists()
    outcome = calls.make(task[0].connection, requests.asked(task[0]), key="k")
    assert requests.store(task[0], outcome, is_probe=False) is False
    requests.hand_on(task[0].pk)
    assert not WebRequest.objects.exists()


def test_the_export_holds_what_was_asked_and_answered(maya: Person, shop: Backend) -> None:
    asking.asks(maya)
    callers.call_due()
    store = next(store for store in privacy.stores() if WebRequest in store.holds)
    assert store.export is not None
    (line,) = list(store.export(privacy.Person.of([maya.customer.pk])))
    assert (line["system"], line["asked"]["path"], line["answered"]) == (
        "Shop",
        "/orders/4711",
        {"state": "on its way"},
    )


def test_the_words_go_after_a_week_and_the_line_stays(maya: Person, shop: Backend) -> None:
    asking.asks(maya)
    callers.call_due()
    assert requests.forget() == 0
    WebRequest.objects.update(settled_at=clock.now() - timedelta(days=8))
    assert requests.forget() == 1
    row = asking.request()
    assert (row.request, row.response, row.status, row.state) == (None, None, 200, State.APPLIED)
    assert requests.forget() == 0
