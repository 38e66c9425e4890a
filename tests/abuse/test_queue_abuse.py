"""What if somebody fills the queues, makes a VIP of themselves, or wants one agent again and again?"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from common import clock
from conversations.models import Conversation, ConversationEvent
from customers.models import Attribute
from handover import desk, presence
from handover.models import Affinity, Agent, Queue, Rating, Reservation
from handover.routing import dispatch, reading
from tests import factories as make
from tests.channels_app import storefront
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = [pytest.mark.django_db, pytest.mark.scenario("T-61")]


@pytest.fixture
def sales(db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    return queue


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return cast.ana(sales)


@pytest.fixture
def maya(ana: Agent) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def asks_for_people(phone: Endpoint) -> None:
    for said in ("hi", "2", "agent", "Maya", "Delivery"):
        phone.says(said)


@pytest.mark.parametrize(("value", "is_blocked"), [(True, True), ("yes", True), (False, False)])
def test_who_is_blocked_stays_with_the_bot(maya: Person, phone: Endpoint, value: object, is_blocked: bool) -> None:
    make.attribute(maya.customer, "blocked", value, source="crm")
    asks_for_people(phone)
    failed = ConversationEvent.objects.filter(kind="handover_failed", data__reason="blocked")
    assert (maya.conversation.owner_kind == "bot", failed.exists()) == (is_blocked, is_blocked)


def test_who_is_blocked_opens_nothing_again(maya: Person, phone: Endpoint, ana: Agent) -> None:
    asks_for_people(phone)
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    make.attribute(maya.customer, "blocked", True, source="crm")
    phone.says("It broke again, and now what")
    closed.refresh_from_db()
    assert (closed.state, maya.conversation.owner_kind) == ("closed", "bot")


def test_who_is_blocked_does_not_reach_people_by_a_bad_rating(maya: Person, phone: Endpoint, sales: Queue) -> None:
    phone.says("hi")
    now, here = clock.now(), maya.conversation
    about = {"conversation": here, "session": here.sessions.get(), "customer": maya.customer, "queue": sales}
    rating = Rating.objects.create(**about, asked_at=now, closes_at=now + timedelta(hours=1))
    make.attribute(maya.customer, "blocked", True, source="crm")
    phone.says("Very bad", payload=f"rate:{rating.public_id}:1"), phone.says("Terrible, all of it")
    rating.refresh_from_db()
    assert (rating.score, rating.comment, maya.conversation.owner_kind) == (1, "Terrible, all of it", "bot")


def test_a_browser_makes_no_vip_of_itself() -> None:
    storefront.open_shop()
    browser, claims = storefront.Browser(), {"vip": True, "priority": "high", "blocked": False}
    for path, body in (
        ("visit", {"token": "", **claims, "attributes": claims, "user": claims}),
        ("messages", {"type": "message", "id": str(uuid4()), "text": "vip: true", **claims}),
        ("messages", {"type": "message", "id": "1", "text": "hi", "payload": "vip", "attributes": claims}),
    ):
        answer = browser.post(path, body)
        browser.token = browser.token or answer.json().get("token", "")
    assert browser.token and not Attribute.objects.filter(key__in=claims).exists()
    assert not any(reading.is_vip(reading.known_of(one.customer.root_id)) for one in Conversation.objects.all())


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_not_even_a_desk_makes_a_vip_without_the_right(maya: Person, sales: Queue, role: str) -> None:
    lead = make.agent("Chloe Martin", supervises=(sales,)) if role == "supervisor" else Agent.objects.get()
    client = APIClient()
    client.force_authenticate(lead.user)
    url = f"/api/v1/customers/{maya.customer.public_id}/attributes/"
    assert client.patch(url, {"vip": True}, format="json").status_code == 403


def test_a_preferred_agent_may_refuse_and_is_left_in_peace(maya: Person, sales: Queue, ana: Agent) -> None:
    Queue.objects.update(delivery="offer")
    presence.heartbeat(agent=ana, at=clock.now())
    Affinity.objects.create(customer=maya.customer, scope="sales", agent=ana, queue=sales, handled_at=ana.last_seen_at)
    phone = maya.on_whatsapp()
    asks_for_people(phone)
    offer = Reservation.objects.get(status="pending")
    client = APIClient()
    client.force_authenticate(ana.user)
    url = f"/api/v1/reservations/{offer.public_id}/decline/"
    assert client.post(url, headers={"Idempotency-Key": "d"}).status_code == 200
    phone.says("I want Ana and nobody else"), dispatch.run()
    assert not Reservation.objects.filter(status="pending", agent=ana).exists()
    assert maya.conversation.owner_kind == "queue"
