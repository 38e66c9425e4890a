"""Does a stored event have exactly one effect, in order, and does a poison event hold up only its own handle?"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from channels_app import inbox, inbox_store, ingest
from channels_app.models import InboundEvent
from channels_app.registry import Request, account_of, adapter
from common import clock
from conversations.models import Attachment, Conversation, ConversationEvent, Message, Session
from customers.models import Customer, Identity, Observation
from tests.channels_app import whatsapp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def channel():
    return whatsapp.channel()


def store(channel, *values):
    """Puts a webhook's events into the inbox, as the door does."""
    raw = whatsapp.body(*values)
    request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw).encode()})
    events = adapter("whatsapp").verify(request, [account_of(channel)]).events
    inbox_store.put_now([inbox_store.row(channel.pk, event) for event in events])


def inbound():
    return Message.objects.filter(author="customer")


def test_a_message_makes_a_customer_a_conversation_and_a_message(channel):
    store(channel, whatsapp.value(whatsapp.message("good morning", wamid="wamid.1")))
    assert ingest.drain() == 1
    message = inbound().get()
    assert message.content == {"type": "text", "text": "good morning"} and message.external_id == "wamid.1"
    assert (message.session.channel, message.session.kind) == ("whatsapp-demo", "whatsapp")
    assert Identity.objects.get(namespace="phone").raw.endswith("46701740635")
    event = InboundEvent.objects.get()
    assert (event.state, event.outcome) == ("done", "message")


def test_an_empty_inbox_gives_nothing_to_do(channel):
    assert ingest.drain() == 0


@pytest.mark.scenario("HO-10", "HO-I4")
def test_the_same_webhook_five_times_is_one_message_and_one_turn(channel):
    value = whatsapp.value(whatsapp.message("hi", wamid="wamid.same"))
    for _ in range(5):
        store(channel, value)
        ingest.drain()
    assert inbound().count() == 1
    replies = ConversationEvent.objects.filter(kind="message", actor_kind="bot").count()
    store(channel, value)
    ingest.drain()
    assert ConversationEvent.objects.filter(kind="message", actor_kind="bot").count() == replies


@pytest.mark.scenario("HO-11", "HO-I6")
def test_two_quick_messages_of_a_new_customer_are_one_conversation_in_event_order(channel):
    now = datetime.now(UTC).timestamp()
    store(channel, whatsapp.value(whatsapp.message("second", at=now), whatsapp.message("first", at=now - 5)))
    ingest.drain()
    assert Customer.objects.count() == Conversation.objects.count() == 1
    assert [m.content["text"] for m in inbound().order_by("id")] == ["first", "second"]


@pytest.mark.scenario("HO-12")
def test_an_album_is_one_conversation_with_all_its_pictures(channel):
    picture = {"type": "image", "image": {"id": "7", "mime_type": "image/jpeg"}}
    store(channel, whatsapp.value(*(whatsapp.message(**picture) for _ in range(6))))
    ingest.drain()
    assert Conversation.objects.count() == 1 and Attachment.objects.count() == 6


@pytest.mark.scenario("HO-12")
def test_an_album_whose_pictures_arrive_at_once_is_one_conversation_too(channel):
    picture = {"type": "image", "image": {"id": "7", "mime_type": "image/jpeg"}}

    def one_arrives():
        store(channel, whatsapp.value(whatsapp.message(**picture)))
        ingest.drain()

    in_threads(6, one_arrives)
    ingest.drain()
    assert Customer.objects.count() == Conversation.objects.count() == 1
    assert Attachment.objects.count() == inbound().count() == 6
    assert ConversationEvent.objects.filter(kind="opened").count() == 1


@pytest.mark.scenario("T-P2")
def test_eight_drains_at_once_process_each_event_once(channel):
    for number in range(6):
        sender = f"4670000000{number}"
        store(channel, whatsapp.value(*(whatsapp.message(f"m{n}", sender=sender) for n in range(3))))
    in_threads(8, lambda: [ingest.drain() for _ in range(3)])
    ingest.drain()
    assert inbound().count() == 18 and Conversation.objects.count() == 6
    assert not InboundEvent.objects.exclude(state="done").exists()


@pytest.mark.scenario("HO-20")
def test_an_event_that_fails_leaves_nothing_behind_and_is_tried_again(channel):
    store(channel, whatsapp.value(whatsapp.message("hi")))
    with refusing("conversations_message"):
        ingest.drain()
    event = InboundEvent.objects.get()
    assert (event.state, event.attempts) == ("pending", 1) and "Error" in event.error
    assert not Conversation.objects.exists() and not Customer.objects.exists()
    make_due()
    ingest.drain()
    assert inbound().count() == 1


@pytest.mark.scenario("HO-51")
@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_turn_that_the_database_cuts_off_is_repeated_as_a_whole(channel, code):
    store(channel, whatsapp.value(whatsapp.message("hi")))
    with failing_once("conversations_message", code):
        ingest.drain()
        assert not Conversation.objects.exists() and InboundEvent.objects.get().attempts == 1
        make_due()
        ingest.drain()
    assert inbound().count() == 1 and Conversation.objects.count() == 1


@pytest.mark.scenario("T-P13")
def test_a_poison_event_holds_only_its_own_handle_and_ends_in_quarantine(channel):
    store(channel, whatsapp.value(whatsapp.message("poison", sender="46700000001", wamid="wamid.poison")))
    spoil("wamid.poison")
    store(channel, whatsapp.value(whatsapp.message("behind it", sender="46700000001")))
    store(channel, whatsapp.value(whatsapp.message("elsewhere", sender="46700000002")))
    ingest.drain()
    assert [m.content["text"] for m in inbound()] == ["elsewhere"]
    for _ in range(5):
        make_due()
        ingest.drain()
    assert {m.content["text"] for m in inbound()} == {"elsewhere", "behind it"}
    assert InboundEvent.objects.get(key="wamid.poison").state == "quarantined"


def test_a_replay_takes_an_event_out_of_quarantine(channel):
    store(channel, whatsapp.value(whatsapp.message("hi", wamid="wamid.q")))
    InboundEvent.objects.update(state="quarantined", attempts=5)
    assert ingest.drain() == 0
    event = InboundEvent.objects.get()
    assert inbox.replay([event.pk]) == 1
    ingest.drain()
    assert inbound().count() == 1
    assert inbox.replay([event.pk]) == 0


@pytest.mark.scenario("HO-16")
def test_an_event_dated_tomorrow_is_taken_for_now(channel):
    store(channel, whatsapp.value(whatsapp.message("hi", at=(clock.now() + timedelta(days=1)).timestamp())))
    ingest.drain()
    assert inbound().get().occurred_at <= clock.now()
    assert Session.objects.get().window_expires_at <= clock.now() + timedelta(hours=24)


def test_a_reaction_is_kept_and_takes_no_turn(channel):
    reaction = {"type": "reaction", "reaction": {"message_id": "wamid.1", "emoji": "x"}}
    store(channel, whatsapp.value(whatsapp.message(**reaction)))
    ingest.drain()
    assert InboundEvent.objects.get().outcome == "unknown_message"
    assert not Message.objects.exists()


def test_a_message_of_a_number_nobody_connected_takes_no_turn(channel):
    store(channel, whatsapp.value(whatsapp.message()))
    InboundEvent.objects.update(kind="other")
    ingest.drain()
    assert InboundEvent.objects.get().outcome == "unsupported" and not Message.objects.exists()


@pytest.mark.scenario("ID-68")
def test_a_business_scoped_id_in_the_phones_place_is_no_phone(channel):
    sender = "US.13491208655302741918"
    store(channel, whatsapp.value(whatsapp.message("hi", sender=sender)))
    ingest.drain()
    row = Identity.objects.get()
    assert (row.namespace, row.scope, row.raw) == ("wa_bsuid", "portfolio-1", sender)


def test_a_location_without_coordinates_is_kept_as_unsupported(channel):
    store(channel, whatsapp.value(whatsapp.message(type="location", location={"latitude": "north"})))
    ingest.drain()
    assert inbound().get().kind == "unsupported"


# --- what the tests above use -----------------------------------------------------------------------------------------


def make_due():
    InboundEvent.objects.filter(state="pending").update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))


def spoil(key):
    """The stored body can no longer be opened: a defect that every attempt meets."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE channels_app_inboundevent SET body = 'v1.gone.AAAA' WHERE key = %s", [key])


class refusing:
    """Every insert into a table fails, as by a full disk."""

    def __init__(self, table: str) -> None:
        self.table = table

    def __enter__(self) -> None:
        self._run(f"ALTER TABLE {self.table} ADD CONSTRAINT refused CHECK (false) NOT VALID")

    def __exit__(self, *_: object) -> None:
        self._run(f"ALTER TABLE {self.table} DROP CONSTRAINT refused")

    def _run(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)


class failing_once:
    """The first insert into a table is cut off with this SQLSTATE; what counts the inserts outlives a rollback."""

    def __init__(self, table: str, code: str) -> None:
        self.table, self.code = table, code

    def __enter__(self) -> None:
        self._run("CREATE SEQUENCE cut_off")
        self._run(
            f"CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('cut_off') = 1 THEN "
            f"RAISE EXCEPTION 'cut off' USING ERRCODE = '{self.code}'; END IF; RETURN NEW; END $$"
        )
        self._run(f"CREATE TRIGGER cut_off BEFORE INSERT ON {self.table} FOR EACH ROW EXECUTE FUNCTION cut_off()")

    def __exit__(self, *_: object) -> None:
        self._run(f"DROP TRIGGER cut_off ON {self.table}")
        self._run("DROP FUNCTION cut_off()")
        self._run("DROP SEQUENCE cut_off")

    _run = refusing._run


def in_threads(count, work):
    def run():
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_name_in_the_profile_is_known_and_not_written_again_by_every_message(channel):
    store(channel, whatsapp.value(whatsapp.message("hi", wamid="wamid.1")))
    ingest.drain()
    store(channel, whatsapp.value(whatsapp.message("again", wamid="wamid.2")))
    ingest.drain()
    names = Observation.objects.filter(key="name")
    assert [(name.value, name.source) for name in names] == [("Maya", "provider:whatsapp")]


def test_a_clock_of_whole_seconds_does_not_put_a_message_before_what_was_said_elsewhere_in_that_second():
    second = datetime(2026, 5, 3, 9, 0, 7, tzinfo=UTC)
    heard = [ingest._moment(second, second + timedelta(milliseconds=ms)) for ms in (-200, 400, 900, 60_000)]
    assert heard == sorted(heard) and heard[0] == second and heard[1] == second + timedelta(milliseconds=400)
    assert all(moment.replace(microsecond=0) == second for moment in heard)


def test_a_finer_clock_is_believed():
    moment = datetime(2026, 5, 3, 9, 0, 7, 1, tzinfo=UTC)
    assert ingest._moment(moment, moment + timedelta(seconds=5)) == moment
