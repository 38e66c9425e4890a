"""Do the written-out statements give the rows that querysets give?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations import sql
from conversations.models import Conversation, ConversationEvent, Delivery, JourneyRun, Session
from customers import attributes
from customers.models import Attribute
from tests import factories
from tests.common.test_rows import plain
from tests.stories import cast

pytestmark = pytest.mark.django_db


def test_the_root_and_the_open_conversation_are_the_persons() -> None:
    person, phone = factories.maya()
    here = factories.receive(factories.whatsapp(phone), "hello")
    factories.receive(factories.whatsapp(factories.phone(factories.customer(), "4915112345678")), "I am Tom")
    reference = Conversation.objects.unclosed().of_person(person.pk).order_by("-last_message_at").get()
    assert plain(sql.root(person.pk)) == plain(person)
    found = sql.unclosed(person.pk)
    assert found == here.conversation and plain(found) == plain(reference)


def test_a_closed_conversation_is_found_as_the_last_closed_only() -> None:
    person, phone = factories.maya()
    here = factories.receive(factories.whatsapp(phone), "hello")
    factories.give(here.conversation, None, state="closed")
    assert sql.unclosed(person.pk) is None
    found = sql.last_closed(person.pk, clock.now() - timedelta(minutes=1))
    assert found is not None and plain(found) == plain(Conversation.objects.get())
    assert sql.last_closed(person.pk, clock.now() + timedelta(minutes=1)) is None


def test_the_newest_session_of_an_endpoint() -> None:
    _, phone = factories.maya()
    first = factories.receive(factories.whatsapp(phone), "hello")
    factories.give(first.conversation, None, state="closed")
    factories.receive(factories.whatsapp(phone), "hello again")
    reference = Session.objects.filter(identity=phone, channel=factories.WHATSAPP).latest("id")
    found = sql.latest_session(phone.pk, factories.WHATSAPP)
    assert found is not None and plain(found) == plain(reference)
    assert sql.latest_session(phone.pk, factories.WEB) is None


def test_open_runs_come_with_their_sessions_and_ended_ones_not() -> None:
    cast.sales()
    cast.library()
    phone = cast.maya().on_whatsapp()
    phone.says("hi")
    ended = JourneyRun.objects.get()
    JourneyRun.objects.filter(pk=ended.pk).update(status="completed", ended_at=clock.now())
    phone.says("hi")
    reference = JourneyRun.objects.exclude(pk=ended.pk).select_related("session").get()
    (found,) = sql.open_runs(reference.customer.root_id)
    assert plain(found) == plain(reference)
    assert plain(found.session) == plain(reference.session)


def test_what_is_known_leaves_out_what_was_cleared() -> None:
    person, _ = factories.maya()
    factories.attribute(person, "language", "sv")
    factories.attribute(person, "language", None)
    (row,) = Attribute.objects.filter(observation__is_clear=False).select_related("observation")
    assert sql.known(person.pk, lambda address, origin: True) == {row.key: row.observation.value}
    assert sql.known(person.pk, lambda address, origin: False) == {}


def test_of_a_set_only_the_members_that_were_heard_where_they_may_be_shown_are_known() -> None:
    person, phone = factories.maya()
    for identity, tag in ((phone, "vip"), (None, "b2b")):
        attributes.observe(
            customer=person,
            identity=identity,
            key="tags",
            value=[tag],
            source="crm",
            occurred_at=clock.now(),
            source_event_id=tag,
        )
    assert sql.known(person.pk, lambda address, origin: True)["tags"] == ["b2b", "vip"]
    assert sql.known(person.pk, lambda address, origin: address == phone.pk)["tags"] == ["vip"]


def test_a_word_of_the_bot_is_stored_with_its_parts_and_its_event() -> None:
    _, phone = factories.maya()
    here = factories.receive(factories.whatsapp(phone), "hello")
    said = factories.bot_says(here.session, "Hi!", step_id="greet")
    delivery = Delivery.objects.get()
    assert (delivery.message, delivery.part, delivery.state) == (said, 0, "queued")
    assert (delivery.identity_id, delivery.fence_epoch) == (phone.pk, here.conversation.owner_epoch)
    event = ConversationEvent.objects.get(message=said)
    assert (event.kind, event.actor_kind, event.seq, event.session_seq) == ("message", "bot", 3, 2)
    assert plain(type(said).objects.get(pk=said.pk)) == plain(said)
