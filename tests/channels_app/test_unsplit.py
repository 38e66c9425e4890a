"""Is an authentic call kept whole when our own reading stumbles over it, and read once that is mended?"""

from __future__ import annotations

import logging
from typing import Any

import pytest

from channels_app import accounts, ingest, quarantine
from channels_app.adapters.whatsapp import WhatsAppAdapter
from channels_app.models import Channel, InboundEvent
from channels_app.registry import Account, Envelope, Request
from conversations.models import Message
from tests.channels_app import doors, whatsapp

pytestmark = pytest.mark.django_db(transaction=True)
SECRET_WORDS = "what Maya wrote"


class Stumbling(WhatsAppAdapter):
    """Its reading has a defect; telling who signed has none."""

    def split(self, request: Request) -> Envelope:
        raise KeyError(request.body.decode())


class Blind(WhatsAppAdapter):
    """It cannot even tell who signed."""

    def signers(self, request: Request, accounts: Any) -> list[Account]:
        raise TypeError(request.body.decode())


@pytest.fixture
def channel() -> Channel:
    return whatsapp.channel()


def post(adapter: Any, secret: str = whatsapp.SECRET, times: int = 1) -> int:
    """The status of a call while the app is read by this adapter."""
    raw = whatsapp.body(whatsapp.value(whatsapp.message(SECRET_WORDS, wamid="wamid.1")))

    async def called() -> int:
        found = await accounts.app("whatsapp", "demo")
        assert found is not None
        for book in accounts._books.values():
            book.apps[("whatsapp", "demo")] = accounts.App(adapter, found.channels)
        return [(await doors.post(raw, secret=secret))[0] for _ in range(times)][-1]

    return doors.run(called)


def test_what_cannot_be_read_is_kept_in_quarantine_and_acknowledged(channel: Channel) -> None:
    assert post(Stumbling(), times=2) == 200
    event = InboundEvent.objects.get()
    assert (event.kind, event.state, event.channel_id) == ("other", "quarantined", channel.pk)
    assert event.error.startswith("KeyError at channels_app/test_unsplit.py:") and SECRET_WORDS not in event.error


def test_the_log_has_one_line_of_it_without_its_words(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        post(Stumbling())
    (line,) = [one for one in caplog.records if one.name == "channels_app.webhooks"]
    assert line.exc_info is None and SECRET_WORDS not in caplog.text and "Traceback" not in caplog.text


def test_a_strangers_call_is_refused_before_it_is_read(channel: Channel) -> None:
    assert post(Stumbling(), secret="wrong") == 401
    assert not InboundEvent.objects.exists()


def test_where_nobody_can_tell_who_it_is_nothing_is_stored(channel: Channel) -> None:
    assert post(Blind()) == 503
    assert not InboundEvent.objects.exists()


def test_a_replay_reads_it_once_the_reading_is_mended(channel: Channel) -> None:
    post(Stumbling())
    held = InboundEvent.objects.get()
    assert quarantine.replay(ids=[held.pk], actor="user:1") == 1
    while ingest.drain():
        pass
    held.refresh_from_db()
    assert (held.state, held.outcome) == ("done", "split")
    assert Message.objects.get(author="customer").content["text"] == SECRET_WORDS


@pytest.mark.scenario("T-33")
def test_a_replay_speaks_for_nobody_who_did_not_sign(channel: Channel) -> None:
    other = whatsapp.channel("whatsapp-second", account="222")
    post(Stumbling())
    Channel.objects.filter(pk=channel.pk).update(account="333")
    Channel.objects.filter(pk=other.pk).update(account=whatsapp.NUMBER)
    held = InboundEvent.objects.get()
    held.body = held.body.replace("whatsapp-second", "nobody")
    held.save(update_fields=["body"])
    quarantine.replay(ids=[held.pk], actor="user:1")
    ingest.drain()
    held.refresh_from_db()
    assert held.outcome == "refused_badsignature" and not Message.objects.filter(author="customer").exists()
