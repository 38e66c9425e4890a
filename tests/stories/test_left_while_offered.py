"""A customer who waits goes away while somebody is asked to take them: the offer is over, whoever was asked is free."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conversations import timers
from conversations.models import Connection
from handover import capacity, engines
from handover.models import Agent, Queue, Reservation
from handover.routing import dispatch, offers
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("HO-6", "HO-I8")]


@pytest.fixture
def maya(sales: Queue, ana: Agent) -> Person:
    Queue.objects.update(strategy="least_busy", delivery="offer")
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture
def offered(maya: Person, phone: Endpoint) -> Reservation:
    """Maya asked for a person, and Ana is asked."""
    for said in ("hi", "agent", "Maya", "Delivery"):
        phone.says(said)
    dispatch.run()
    return Reservation.objects.get(status="pending")


def assert_over(offered: Reservation, ana: Agent) -> None:
    """It weighs nothing, cannot be taken, and nobody has missed it."""
    offered.refresh_from_db()
    assert (offered.status, capacity.load(ana.pk)) == ("rescinded", 0)
    with pytest.raises(offers.OfferOver) as refused:
        offers.accept(offer_id=offered.public_id, agent=ana)
    assert refused.value.status == 409
    timers.sweep()
    assert Agent.objects.get(pk=ana.pk).not_responding_at is None


def test_who_cancels(maya: Person, phone: Endpoint, offered: Reservation, ana: Agent) -> None:
    phone.says("cancel")
    assert maya.conversation.owner_kind == "bot"
    assert_over(offered, ana)


def test_whose_matter_another_system_ends(maya: Person, offered: Reservation, ana: Agent) -> None:
    centre = Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
    at = offered.offered_at + timedelta(seconds=1)
    engines.tell(conversation_id=offered.conversation_id, engine=centre, event_id="1", occurred_at=at, to="closed")
    assert maya.conversations[-1].state == "closed"
    assert_over(offered, ana)
