"""Does a conversation by e-mail work from end to end, with the pretended service and the customers' mail programs?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app import fetching
from channels_app.models import Channel, InboundEvent
from channels_app.sandbox.emulators import Upload
from conversations.models import Attachment, Delivery, Message
from customers.models import Consent, Identity
from tests.channels_app.sending import say
from tests.channels_app.stage import Stage, stage

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\xff" * 20


@pytest.fixture
def mail(live_server: Any) -> Iterator[Stage]:
    with stage("email", live_server.url) as running:
        yield running


def sent(mail: Stage, text: str = "It is on its way.", **more: Any) -> Delivery:
    """Something that we say, as far as it came."""
    found = say(mail.session, text, **more)
    mail.go_on()
    found.refresh_from_db()
    return found


def named(mail: Stage) -> dict[str, str]:
    """The headers of our newest mail."""
    return {one["Name"]: one["Value"] for one in mail.phone[-1].body["Headers"]}


def texts(mail: Stage) -> list[str]:
    return [message.content["text"] for message in mail.heard]


def test_a_mail_comes_in_from_a_proven_sender_and_the_answer_is_delivered_and_read(mail: Stage) -> None:
    mail.does(text="Where is it?", subject="My order")
    assert texts(mail) == ["My order\n\nWhere is it?"]
    assert Identity.objects.get(namespace="email").proof == "provider"
    found = sent(mail)
    assert (found.state, found.external_id) == ("delivered", mail.phone[-1].external_id)
    mail.looks()
    found.refresh_from_db()
    assert found.state == "read"


def test_our_answer_hangs_below_the_mail_that_it_answers(mail: Stage) -> None:
    row = mail.does(text="Where is it?", subject="My order")
    sent(mail)
    assert row is not None and mail.phone[-1].body["Subject"] == "Re: My order"
    assert named(mail)["In-Reply-To"] == row.external_id
    assert row.external_id in named(mail)["References"]


def test_of_an_answer_only_what_is_new_is_read(mail: Stage) -> None:
    mail.does(text="Where is it?", subject="My order")
    sent(mail)
    ours = named(mail)["Message-ID"]
    mail.does(text="Thank you!", message=mail.phone[-1].external_id)
    assert texts(mail)[-1] == "Thank you!"
    assert Message.objects.filter(author="customer").latest("pk").reply_to == ours


def test_webhooks_twice_and_in_any_order_change_nothing(mail: Stage) -> None:
    mail.controls(duplicates=True, reorders=True)
    mail.does(text="Where is it?", subject="My order")
    assert len(mail.heard) == 1
    assert sent(mail).state == "delivered"


def test_a_mail_that_is_sent_twice_is_shown_once(mail: Stage, client: Any) -> None:
    mail.does(text="Where is it?", subject="My order")
    sent(mail)
    before = mail.phone
    again = {name: before[-1].body[name] for name in ("To", "Subject", "TextBody", "Headers")}
    headers = {"X-Postmark-Server-Token": mail.channel.credentials["api_key"]}
    answer = client.post("/sandbox/email/email", again, content_type="application/json", headers=headers)
    assert answer.json()["MessageID"] == before[-1].external_id
    assert len(mail.phone) == len(before)


@pytest.mark.parametrize(
    ("failure", "reason"), [("bounce", "unreachable"), ("406", "unreachable"), ("300", "unreachable")]
)
def test_a_dead_address_is_shown_with_the_services_words(mail: Stage, failure: str, reason: str) -> None:
    mail.does(text="Where is it?", subject="My order")
    mail.controls(failure=failure)
    found = sent(mail)
    assert (found.state, found.reason) == ("failed", reason)


def test_a_deferred_mail_arrives_later(mail: Stage) -> None:
    mail.does(text="Where is it?", subject="My order")
    mail.controls(failure="soft")
    assert sent(mail).state == "delivered"


def test_a_sender_that_is_not_confirmed_stops_the_channel(mail: Stage) -> None:
    mail.does(text="Where is it?", subject="My order")
    mail.controls(failure="401-sender", is_failure_once=False)
    assert sent(mail).state == "queued"
    assert Channel.objects.get(key=mail.channel.key).stopped_reason


@pytest.mark.parametrize("wish", ["spam", "unsubscribe"])
def test_who_complains_or_unsubscribes_is_left_alone(mail: Stage, wish: str) -> None:
    mail.does(text="Where is it?", subject="My order")
    sent(mail)
    mail.does("action", option=wish)
    found = Consent.objects.get()
    assert (found.purpose, found.state, found.identity.namespace) == ("all", "out", "email")


@pytest.mark.scenario("T-60")
def test_an_out_of_office_reply_is_shown_and_not_answered(mail: Stage) -> None:
    mail.does(text="Where is it?", subject="My order")
    before = len(mail.phone)
    mail.does("action", option="auto_reply")
    assert mail.heard[-1].is_automatic and len(mail.phone) == before


@pytest.mark.scenario("T-30")
def test_a_forged_sender_lies_apart_from_the_victim_and_is_not_answered(mail: Stage) -> None:
    mail.does(text="I am really Tom.", subject="My order", who="tom")
    mail.does("action", option="forged")
    tom, forged = mail.heard
    assert tom.session.conversation_id != forged.session.conversation_id
    assert forged.session.identity.namespace == "email_from" and forged.is_automatic
    assert not Delivery.objects.filter(conversation=forged.session.conversation).exists()


def test_a_mail_without_a_message_id_is_stored_once(mail: Stage) -> None:
    mail.controls(duplicates=True)
    mail.does("action", option="no_id")
    assert len(mail.heard) == 1
    assert InboundEvent.objects.get(kind="message").key.startswith("sha256:")


def test_a_file_is_taken_out_of_the_stored_mail(mail: Stage) -> None:
    mail.does("file", "Look at this", file=Upload(PNG, "image/png", "chair.png"))
    fetching.fetch_due()
    found = Attachment.objects.get()
    assert (found.state, found.name) == ("stored", "chair.png")
    with found.file.open() as kept:
        assert kept.read() == PNG


@pytest.mark.parametrize("service", ["mailgun", "sendgrid"])
def test_raw_mails_in_forms_are_read_alike(mail: Stage, service: str) -> None:
    mail.channel.config |= {"esp": service}
    mail.channel.credentials |= {"signing_key": "key-1"}
    mail.channel.save(update_fields=["config", "credentials"])
    mail.does("file", "Look at this", subject="My order", file=Upload(PNG, "image/png", "chair.png"))
    assert texts(mail) == ["My order\n\nLook at this"]
    fetching.fetch_due()
    assert Attachment.objects.get().state == "stored"


def test_a_service_without_our_password_changes_nothing(mail: Stage) -> None:
    sender = Channel(key=mail.channel.key, kind="email", config=mail.channel.config, credentials={}, account="x")
    mail.channel, kept = sender, mail.channel
    mail.does(text="Let me in")
    mail.channel = kept
    assert not mail.heard and not InboundEvent.objects.exists()
