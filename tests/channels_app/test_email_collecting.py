"""Tests of mails that a service keeps and only points to: fetched outside a transaction, tried again, stored once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from channels_app import inbox, inbox_store, ingest, mailboxes
from channels_app.adapters.email import adapter
from channels_app.models import Channel, InboundEvent
from channels_app.registry import account_of
from conversations.models import Message
from tests.channels_app import mails

pytestmark = pytest.mark.django_db
MAIL = mails.raw("Where is it?", Authentication_Results=mails.PASS)
POINTERS = {
    "resend": {"type": "email.received", "data": {"email_id": "e-1"}},
    "mailtrap": {
        "events": [{"event": "inbound.message_received", "event_id": "x", "inbox_id": 2, "message_id": "m-1"}]
    },
}
PATHS = {"resend": "/emails/receiving/e-1", "mailtrap": "/inbound/inboxes/2/messages/m-1"}


class Keeper:
    """A service that keeps one mail: `failures` are answered first."""

    def __init__(self) -> None:
        self.failures: list[int] = []
        self.asked: list[tuple[str, str]] = []
        self.url = ""
        self.link = ""


@pytest.fixture
def keeper(settings: Any) -> Iterator[Keeper]:
    found = Keeper()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append((self.path, self.headers.get("Authorization", "")))
            if found.failures:
                self.answer(found.failures.pop(0), b"{}")
            elif self.path == "/mail":
                self.answer(200, MAIL)
            else:
                link = found.link or f"{found.url}/mail"
                self.answer(200, json.dumps({"raw": {"download_url": link}, "raw_message_url": link}).encode())

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    settings.INSIDE_HOSTS = [f"127.0.0.1:{server.server_address[1]}", "127.0.0.1"]
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def pointed(keeper: Keeper, esp: str) -> Channel:
    """A channel that was told of a mail, up to the point where it must be fetched."""
    account = mails.account(config={"esp": esp, "base_url": keeper.url})
    given: dict[str, Any] = {"config": dict(account.config), "credentials": dict(account.credentials)}
    channel = Channel.objects.create(key="email", kind="email", title="E-mail", account=account.account, **given)
    request = mails.posted(json.dumps(POINTERS[esp]).encode())
    for event in adapter.verify(request, [account_of(channel)]).events:
        inbox_store.put_now([inbox_store.row(channel.pk, event)])
    ingest.drain()
    return channel


@pytest.mark.parametrize("esp", sorted(POINTERS))
def test_the_mail_behind_a_pointer_becomes_a_message(keeper: Keeper, esp: str) -> None:
    pointed(keeper, esp)
    assert not Message.objects.exists()
    assert mailboxes.collect() == 1
    ingest.drain()
    assert Message.objects.get(author="customer").content["text"] == "My order\n\nWhere is it?"
    assert keeper.asked == [(PATHS[esp], "Bearer token"), ("/mail", "")]


def test_it_is_collected_once(keeper: Keeper) -> None:
    pointed(keeper, "resend")
    assert mailboxes.collect() == 1
    assert mailboxes.collect() == 0


def test_a_service_that_does_not_answer_is_asked_again_later(keeper: Keeper) -> None:
    pointed(keeper, "resend")
    keeper.failures = [503]
    assert mailboxes.collect() == 0
    event = InboundEvent.objects.get()
    assert event.next_attempt_at > event.received_at and event.attempts == 1
    assert mailboxes.collect() == 0
    InboundEvent.objects.update(next_attempt_at=event.received_at)
    assert mailboxes.collect() == 1


def test_a_mail_that_is_gone_lies_in_quarantine_and_can_be_replayed(keeper: Keeper) -> None:
    pointed(keeper, "resend")
    keeper.failures = [404]
    mailboxes.collect()
    event = InboundEvent.objects.get()
    assert (event.state, event.outcome) == ("quarantined", "not_collected")
    inbox.replay([event.pk])
    ingest.drain()
    assert mailboxes.collect() == 1


@pytest.mark.scenario("T-34")
@pytest.mark.parametrize("link", ["http://169.254.169.254/latest", "https://evil.example/mail", "file:///etc/passwd"])
def test_a_link_to_elsewhere_is_not_followed(keeper: Keeper, link: str) -> None:
    pointed(keeper, "resend")
    keeper.link = link
    assert mailboxes.collect() == 0
    assert InboundEvent.objects.get().state == "quarantined"


def test_brevos_files_are_fetched_with_our_key(keeper: Keeper) -> None:
    account = mails.account(config={"esp": "brevo", "base_url": keeper.url})
    file = adapter.fetch(account, json.dumps({"brevo": "a/b"}))
    assert keeper.asked[0][0] == "/inbound/attachments/a%2Fb"
    assert file.content
