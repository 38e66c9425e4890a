"""Whom may a draft ask that is only tried out? Pretended systems, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from channels_app.sandbox import backends
from conversations.journeys import callers, trials
from conversations.models import Connection, Journey, RemoteTask, StepLog, WebRequest
from tests.conversations import asking
from tests.stories import cast, modem
from tests.stories.cast import Endpoint, Person


@pytest.fixture
def maya(db: None, settings: Any) -> Person:
    cast.sales()
    cast.library()
    settings.SANDBOX = True
    trials.played_on(lambda channel: channel == cast.WHATSAPP)
    trials.answered_by(backends.is_pretended)
    modem.published()
    Connection.objects.create(key="shop", title="Shop", base_url="https://shop.example")
    cast.publish(asking.TRACK)
    return cast.maya()


def tries(maya: Person, key: str) -> Endpoint:
    """She plays the draft of this journey."""
    text = {"track": asking.TRACK, "modem": modem.MODEM}[key]
    Journey.objects.filter(key=key).update(draft=text)
    phone = maya.on_whatsapp()
    phone.says(trials.words(trials.begin(journey=Journey.objects.get(key=key), by=None)))
    return phone


def notes() -> list[str]:
    return list(StepLog.objects.filter(outcome="not_in_a_trial").values_list("step_id", flat=True))


def test_a_request_of_a_draft_reaches_no_real_system(maya: Person) -> None:
    phone = tries(maya, "track")
    phone.says("4711")
    assert asking.request().connection is None
    callers.call_due()
    assert (asking.request().error, phone.news()[-1]) == ("disabled", "The shop does not answer.")
    assert notes() == ["look"]


def test_a_task_of_a_draft_does_not_either_nor_is_it_stopped_there(maya: Person) -> None:
    phone = tries(maya, "modem")
    phone.news()
    assert RemoteTask.objects.get().cancel is None
    callers.call_due()
    modem.time_passes()
    assert (RemoteTask.objects.get().state, RemoteTask.objects.get().reason) == ("failed", "disabled")
    assert "The restart failed" in phone.news()[0]
    assert notes() == ["go"]


def test_a_pretended_system_is_asked(maya: Person, settings: Any) -> None:
    Connection.objects.update(base_url=f"{settings.PUBLIC_URL}/sandbox/shop")
    tries(maya, "track").says("4711")
    assert asking.request().connection == Connection.objects.get(key="shop")
    assert notes() == []


def test_what_is_live_reaches_what_it_is_connected_to(maya: Person) -> None:
    asking.asks(maya)
    assert WebRequest.objects.get().connection == Connection.objects.get(key="shop")
    assert notes() == []
