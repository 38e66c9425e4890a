"""Can mail be used against us or others? Forged senders, machines that answer machines, relays, hostile HTML."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from channels_app import delivery, inbox_store, ingest
from channels_app.adapters.email import incoming, markup, quotes
from channels_app.adapters.email.stored import Stored
from channels_app.adapters.email.writing import compose
from channels_app.models import Channel
from channels_app.registry import File, Outgoing, account_of
from conversations.content import Media, Text
from conversations.models import Conversation, Delivery, Message
from customers.models import Customer, Identity
from handover.models import Agent
from tests.channels_app import mails

SPAM = "BUY GOLD http://spam.example"


@pytest.fixture
def channel(db: None) -> Channel:
    account = mails.account()
    given: dict[str, Any] = {"config": dict(account.config), "credentials": dict(account.credentials)}
    return Channel.objects.create(key="email", kind="email", title="E-mail", account=account.account, **given)


def arrives(channel: Channel, *bodies: bytes) -> None:
    """These mails come in, and are handled."""
    channel.save(update_fields=["config"])
    account = account_of(channel)
    events = [incoming.event(Stored("mime", body), [account]) for body in bodies]
    inbox_store.put_now([inbox_store.row(channel.pk, event) for event in events])
    while ingest.drain():
        pass


def written(channel: Channel) -> list[Any]:
    """The mails that wait to be sent on a channel, as they would leave."""
    found = []
    for row in Delivery.objects.filter(channel=channel.key).select_related("message__session__identity").order_by("pk"):
        session = row.message.session
        words = Text(str(row.message.content.get("text", "")))
        to = {"namespace": session.identity.namespace, "address": session.identity.raw, "thread": session.thread or {}}
        outgoing = Outgoing(words, ref=str(row.public_id), conversation=str(session.public_id), **to)
        found.append(compose(account_of(channel), outgoing))
    return found


@contextmanager
def listener() -> Iterator[list[object]]:
    """An address of this machine that notes who knocks."""
    knocks: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)

        def accept() -> None:
            try:
                knocks.append(server.accept())
            except OSError:
                return

        waiting = threading.Thread(target=accept, daemon=True)
        waiting.start()
        knocks.append(server.getsockname()[1])
        yield knocks
        waiting.join()


@pytest.mark.scenario("T-30")
def test_a_guessed_thread_does_not_open_somebody_elses_conversation(channel: Channel) -> None:
    arrives(channel, mails.raw("I am Maya.", Authentication_Results=mails.PASS))
    maya = Conversation.objects.get()
    (answer,) = [mail.extra_headers["Message-ID"] for mail in written(channel)][:1]
    forged = {"Message_ID": "<two@example.com>", "In_Reply_To": answer, "References": answer}
    reply_to = written(channel)[0].reply_to[0]
    arrives(channel, mails.raw("Give me her orders.", From="Mallory <m@evil.example>", To=reply_to, **forged))
    arrives(channel, mails.raw("I am Maya, too.", **{**forged, "Message_ID": "<three@example.com>"}))
    said = Message.objects.filter(session__conversation=maya, author="customer")
    assert [message.content["text"] for message in said] == ["My order\n\nI am Maya."]
    assert Customer.objects.count() == 3


@pytest.mark.scenario("T-30")
def test_nobody_becomes_an_agent_by_writing_from_an_agents_address(channel: Channel, django_user_model: Any) -> None:
    django_user_model.objects.create_user("ann", email="ann@shop.example", is_staff=True)
    arrives(channel, mails.raw("Close all tickets.", From="ann@shop.example", Authentication_Results=mails.PASS))
    assert Message.objects.get(author="customer").content["text"].endswith("Close all tickets.")
    assert not Agent.objects.exists() and not Message.objects.filter(author="agent").exists()


@pytest.mark.scenario("T-60")
def test_two_bots_that_write_to_each_other_stop_at_once(channel: Channel) -> None:
    arrives(channel, mails.raw("Hello", Message_ID="<0@bot.example>", From="bot@bot.example"))
    first = written(channel)
    assert first
    other = [
        mail.message().as_bytes().replace(b"From: support@shop.example", b"From: bot@bot.example") for mail in first
    ]
    other = [
        body.replace(b"@shop.example>", b"@bot.example>").replace(b"To: bot@bot.example", b"To: support@shop.example")
        for body in other
    ]
    arrives(channel, *other)
    assert Message.objects.filter(author="customer", is_automatic=True).count() == len(other)
    assert len(written(channel)) == len(first)


@pytest.mark.scenario("T-60")
def test_a_bot_that_hides_what_it_is_is_cut_at_the_limit(channel: Channel) -> None:
    for number in range(40):
        arrives(
            channel,
            mails.raw(f"Thank you for your mail {number}", Message_ID=f"<{number}@bot.example>", From="b@bot.example"),
        )
    assert len(written(channel)) <= 21


@pytest.mark.scenario("T-58")
def test_what_strangers_write_is_not_relayed_to_addresses_that_they_name(channel: Channel) -> None:
    for number in range(25):
        victim = f"{SPAM} <victim{number}@example.com>"
        arrives(channel, mails.raw(SPAM, Subject=SPAM, From=victim, Message_ID=f"<{number}@evil.example>"))
    sent = written(channel)
    assert not any(
        "GOLD" in mail.message().as_string() or "spam.example" in mail.message().as_string() for mail in sent
    )


@pytest.mark.scenario("T-58")
def test_a_channel_may_answer_proven_senders_only(channel: Channel) -> None:
    channel.config |= {"answer_unproven": False}
    arrives(channel, *[mails.raw(SPAM, From=f"v{n}@example.com", Message_ID=f"<{n}@e>") for n in range(200)])
    assert not Delivery.objects.exists()
    arrives(channel, mails.raw("Hello", Authentication_Results=mails.PASS))
    assert Delivery.objects.exists()


@pytest.mark.scenario("T-58")
def test_a_sender_whom_his_domain_disowns_gets_no_mail_at_all(channel: Channel) -> None:
    for number in range(10):
        body = mails.raw(
            SPAM, From=f"v{number}@example.com", Message_ID=f"<{number}@e>", Authentication_Results=mails.FAIL
        )
        arrives(channel, body)
    assert Message.objects.filter(author="customer").count() == 10
    assert not Delivery.objects.exists()
    assert set(Identity.objects.values_list("namespace", flat=True)) == {"email_from"}


@pytest.mark.scenario("T-45")
def test_reading_and_answering_hostile_html_fetches_nothing(tmp_path: Any) -> None:
    canary = tmp_path / "canary.txt"
    canary.write_text("SECRET")
    with listener() as knocks:
        url = f"http://127.0.0.1:{knocks[0]}/x"
        html = f"<p>Hi</p><img src='{url}'><iframe src='file://{canary}'></iframe><object data='{url}'></object>"
        html += f"<link rel=stylesheet href='{url}'><svg><image href='{url}'/></svg><style>@import '{url}'</style>"
        found = mails.heard(mails.raw("", html=html))
        mail = compose(mails.account(), mails.outgoing(html))
        written_html = mail.alternatives[0][0]
    assert len(knocks) == 1
    assert "SECRET" not in found.text and "SECRET" not in mail.message().as_string()
    assert "<img" not in str(written_html) and "<iframe" not in str(written_html)


@pytest.mark.parametrize(
    "html", ["<div>" * 200_000, "<a href='http://x.example'>" * 50_000, "<" * 500_000, "&" * 500_000]
)
def test_no_html_takes_long(html: str) -> None:
    started = time.monotonic()
    markup.text(html)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "text",
    ["a\n" * 30_000, "On " * 15_000, "> " * 20_000, "From: " * 9_000, "Em " + "a \n" * 15_000, "On a wrote\n" * 5_000,
     "-" * 1999 + "\n" * 50, ("x" * 1999 + "\n") * 29, "пишет\n" * 8_000, "a: b\n" * 12_000],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    started = time.monotonic()
    quotes.reply(text)
    assert time.monotonic() - started < 3


@pytest.mark.scenario("T-2")
def test_a_files_name_writes_no_headers() -> None:
    name = 'a"\r\nBcc: victim@example.com\r\n\r\n<img onerror=1>.png'
    media = Media(kind="file", filename=name)
    mail = compose(mails.account(), mails.outgoing(media, load=lambda: File(b"x", "image/png", name)))
    assert not [line for line in mail.message().as_string().splitlines() if line.startswith("Bcc:")]


def test_delivery_is_never_asked_for_a_machines_mail(channel: Channel) -> None:
    arrives(channel, mails.raw("Out of office", Auto_Submitted="auto-replied"))
    assert delivery.send_due() == 0
