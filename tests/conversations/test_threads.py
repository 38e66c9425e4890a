"""Where does an inbound message belong? One open conversation a person, one session an endpoint, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from common import clock
from conversations import threads
from conversations.content import Text
from conversations.models import Attachment, Message
from conversations.sessions import Place
from conversations.threads import Heard, Received
from tests import factories

pytestmark = pytest.mark.django_db


def receive(place: Place, **fields: object) -> Received:
    heard = Heard(**{"content": Text("hello"), "occurred_at": clock.now(), "text": "hello", **fields})  # type: ignore[arg-type]  # fields by name
    with transaction.atomic():
        return threads.receive(place=place, heard=heard)


def test_two_channels_of_a_person_share_a_conversation() -> None:
    person, phone = factories.maya()
    first = receive(factories.whatsapp(phone))
    second = receive(factories.web(factories.site_user(person)))
    assert (first.is_new_conversation, second.is_new_conversation) == (True, False)
    assert first.conversation.pk == second.conversation.pk
    assert first.session.pk != second.session.pk


def test_two_people_do_not() -> None:
    _, phone = factories.maya()
    stranger = factories.phone(factories.customer(), "46709999999")
    assert receive(factories.whatsapp(phone)).conversation != receive(factories.whatsapp(stranger)).conversation


def test_a_known_client_id_stores_nothing_even_after_the_close() -> None:
    _, phone = factories.maya()
    first = receive(factories.whatsapp(phone), client_id="a")
    factories.give(first.conversation, None, state="closed")
    again = receive(factories.whatsapp(phone), client_id="a")
    assert (again.is_repeat, again.message) == (True, first.message)
    assert Message.objects.count() == 1


def test_a_message_renews_window_life_and_proof() -> None:
    _, phone = factories.maya()
    at = clock.now() - timedelta(minutes=5)
    here = receive(factories.whatsapp(phone), occurred_at=at)
    here.session.refresh_from_db()
    here.conversation.refresh_from_db()
    assert (here.session.last_inbound_at, here.session.proven) == (at, [phone.pk])
    assert here.conversation.last_customer_at == at
    assert here.conversation.expires_at - clock.now() > timedelta(hours=23)  # type: ignore[operator]  # it is set


def test_a_late_message_does_not_turn_the_clock_back() -> None:
    _, phone = factories.maya()
    now = clock.now()
    receive(factories.whatsapp(phone), occurred_at=now)
    late = receive(factories.whatsapp(phone), occurred_at=now - timedelta(hours=1))
    late.session.refresh_from_db()
    late.conversation.refresh_from_db()
    assert (late.session.last_inbound_at, late.conversation.last_customer_at) == (now, now)


def test_a_gesture_stores_no_message_but_opens_the_session() -> None:
    _, phone = factories.maya()
    here = receive(factories.whatsapp(phone), action="resume")
    assert here.message is None
    assert not Message.objects.exists()
    assert type(here.session).objects.get().last_inbound_at is not None


def test_media_are_kept_as_references() -> None:
    _, phone = factories.maya()
    picture = {"reference": "media-1", "media_type": "image/jpeg", "name": "a.jpg"}
    here = receive(factories.whatsapp(phone), media=(picture,))
    kept = Attachment.objects.get(message=here.message)
    assert (kept.reference, kept.state) == ("media-1", "referenced")
