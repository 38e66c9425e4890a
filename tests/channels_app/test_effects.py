"""What follows when somebody rewords, takes back or reacts, when staff write from the phone, when a person moves?"""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from channels_app import effects, ingest
from channels_app.inbox import Pending
from channels_app.models import InboundEvent
from channels_app.registry import Echo, Edit, Moved, Preference, Reach, Reaction, Removal
from common import clock
from conversations import threads
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, Delivery, Message, MessageEdit, MessageReaction
from customers.models import Consent, Identity
from handover import turns
from handover.inbox import changes
from tests import factories
from tests.channels_app import whatsapp
from tests.channels_app.sending import say
from tests.channels_app.test_ingest import store

pytestmark = pytest.mark.django_db(transaction=True)

MAYA = (("phone", "", whatsapp.MAYA, "provider", ""),)
TOM = (("phone", "", "46701112233", "provider", ""),)


@pytest.fixture
def channel():
    return whatsapp.channel()


@pytest.fixture
def message(channel):
    """Maya wrote 'good morning'."""
    store(channel, whatsapp.value(whatsapp.message("good morning", wamid="wamid.1")))
    ingest.drain()
    return Message.objects.get(external_id="wamid.1")


def apply(channel, item, config="{}"):
    """The effect of one word, as ingest applies it."""
    event = Pending(
        pk=1, public_id=uuid4(), key=str(uuid4()), handle="h", kind="message", body=None, occurred_at=clock.now(),
        received_at=clock.now(), attempts=0, channel_id=channel.pk, channel_kind="whatsapp", channel=channel.key,
        account=channel.account, config=config, credentials=None, channel_row=channel.public_id,
    )  # fmt: skip
    with transaction.atomic():
        return effects.apply(event, item)


def test_an_edit_is_kept_beside_the_first_wording(channel, message):
    assert apply(channel, Edit("wamid.1", Text("good evening"), clock.now(), MAYA)) == "edited"
    message.refresh_from_db()
    assert message.content["text"] == "good morning"
    assert MessageEdit.objects.get().content == {"type": "text", "text": "good evening"}
    assert ConversationEvent.objects.filter(kind="message_edited", data={"message": message.pk}).exists()


def test_a_removed_message_is_gone_with_its_wordings_and_its_raw_copy(channel, message):
    apply(channel, Edit("wamid.1", Text("good evening"), clock.now(), MAYA))
    assert apply(channel, Removal("wamid.1", clock.now(), MAYA)) == "removed"
    message.refresh_from_db()
    assert (message.kind, message.content) == ("removed", {"type": "removed"})
    assert not MessageEdit.objects.exists() and InboundEvent.objects.get().body is None
    assert apply(channel, Edit("wamid.1", Text("again"), clock.now(), MAYA)) == "stale"


@pytest.mark.parametrize("word", [Edit("wamid.1", Text("x"), clock.now(), TOM), Removal("wamid.1", clock.now(), TOM)])
def test_nobody_rewords_or_removes_what_somebody_else_wrote(channel, message, word):
    assert apply(channel, word) == "unknown_message"
    message.refresh_from_db()
    assert message.kind == "text" and not MessageEdit.objects.exists()


def test_what_is_about_an_unknown_message_is_an_outcome_and_no_error(channel):
    now = clock.now()
    words = [Edit("no", Text("x"), now, MAYA), Removal("no", now, MAYA), Reaction("no", "x", now, MAYA)]
    assert {apply(channel, word) for word in words} == {"unknown_message"}


def test_a_customer_cannot_remove_what_we_said(channel, message):
    Delivery.objects.update(external_id="wamid.out", state="sent")
    assert apply(channel, Removal("wamid.out", clock.now(), MAYA)) == "unknown_message"


def test_a_reaction_is_set_changed_and_taken_away(channel, message):
    now = clock.now()
    assert apply(channel, Reaction("wamid.1", "\N{THUMBS UP SIGN}", now, MAYA)) == "reaction"
    apply(channel, Reaction("wamid.1", "\N{PARTY POPPER}", now + timedelta(seconds=1), MAYA))
    assert MessageReaction.objects.get().emoji == "\N{PARTY POPPER}"
    assert apply(channel, Reaction("wamid.1", "old", now, MAYA)) == "stale"
    apply(channel, Reaction("wamid.1", "", now + timedelta(seconds=2), MAYA))
    assert not MessageReaction.objects.exists()


def test_a_reaction_to_our_message_is_kept_there(channel, message):
    Delivery.objects.filter(part=0).update(external_id="wamid.out")
    assert apply(channel, Reaction("wamid.out", "x", clock.now(), MAYA)) == "reaction"
    assert MessageReaction.objects.get().message.author == "bot"


@pytest.mark.scenario("T-60")
def test_a_word_of_staff_from_the_phone_is_shown_and_silences_the_bot(channel, message):
    said = Message.objects.filter(author="bot").count()
    assert apply(channel, Echo(Text("I am on it"), clock.now(), MAYA, "wamid.echo")) == "echo"
    shown = Message.objects.get(author="agent")
    assert (shown.agent_name, shown.content["text"]) == ("Phone app", "I am on it")
    assert shown.deliveries.get().state == "sent"
    assert not Delivery.objects.filter(state="queued").exists()
    store(channel, whatsapp.value(whatsapp.message("thanks")))
    ingest.drain()
    assert Message.objects.filter(author="bot").count() == said


def test_after_the_hush_the_bot_speaks_again(channel, message):
    apply(channel, Echo(Text("I am on it"), clock.now(), MAYA, "wamid.echo"))
    Conversation.objects.update(hushed_until=clock.now())
    said = Message.objects.filter(author="bot").count()
    store(channel, whatsapp.value(whatsapp.message("menu")))
    ingest.drain()
    assert Message.objects.filter(author="bot").count() >= said and Conversation.objects.get().owner_kind == "bot"


def test_our_own_message_that_comes_back_is_no_word_of_staff(channel, message):
    Delivery.objects.update(external_id="wamid.out", state="sent")
    assert apply(channel, Echo(Text("hello"), clock.now(), MAYA, "wamid.out")) == "own_echo"
    assert not Message.objects.filter(author="agent").exists()


def test_a_blocked_and_unblocked_address_is_marked(channel, message):
    assert apply(channel, Reach(MAYA, False, clock.now(), "blocked")) == "unreachable"
    assert Identity.objects.get().unreachable_at is not None
    apply(channel, Reach(MAYA, True, clock.now()))
    assert Identity.objects.get().unreachable_at is None


def test_a_preference_is_a_word_on_consent_and_of_strangers_nobody_is_born(channel, message):
    assert apply(channel, Preference(MAYA, "marketing", "out", clock.now())) == "opted_out"
    assert Consent.objects.get().state == "out"
    assert apply(channel, Preference(TOM, "marketing", "out", clock.now())) == "no_identity"
    assert Identity.objects.count() == 1


def test_a_changed_number_moves_the_address(channel, message):
    new = (("phone", "", "46709998877", "provider", ""),)
    assert apply(channel, Moved("number_changed", clock.now(), MAYA, new)) == "moved"
    assert Identity.objects.filter(valid_to__isnull=True).get().raw.endswith("46709998877")


def test_what_a_machine_wrote_is_kept_and_never_answered(channel):
    _, phone = factories.maya()
    place = factories.whatsapp(phone)
    received = factories.receive(place, "hi")
    say(received.session)
    before = Message.objects.count()
    with transaction.atomic():
        heard = threads.Heard(Text("I am out of office"), clock.now(), "I am out of office", is_automatic=True)
        turns.take(received=threads.receive(place=place, heard=heard), heard=heard)
    assert Message.objects.count() == before + 1 and Message.objects.latest("pk").is_automatic


def test_an_older_wording_that_comes_late_is_kept_and_changes_nothing_that_is_shown(channel, message):
    now = clock.now()
    assert apply(channel, Edit("wamid.1", Text("third"), now, MAYA)) == "edited"
    assert apply(channel, Edit("wamid.1", Text("second"), now - timedelta(seconds=9), MAYA)) == "stale"
    found = changes.of([message])[message.pk]
    assert found.now == Text("third") and "second" in [wording.content.text for wording in found.before]
    assert ConversationEvent.objects.filter(kind="message_edited").count() == 1


@pytest.mark.parametrize("minutes", [1e308, 10**12, -1, "soon", True])
def test_a_hush_without_measure_loses_no_word_of_staff(channel, message, minutes):
    echo = Echo(Text("I am on it"), clock.now(), MAYA, "wamid.echo")
    assert apply(channel, echo, json.dumps({"hush_minutes": minutes})) == "echo"
