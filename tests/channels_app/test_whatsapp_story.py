"""Does WhatsApp work from end to end: what a phone can do, and what we can send to it?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from channels_app import delivery
from channels_app.models import InboundEvent
from channels_app.registry import DeliveryError, File, Outgoing, Signal, account_of, adapter
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.models import SandboxExchange, SandboxMessage
from channels_app.sandbox.whatsapp_emulator import acts
from common import clock
from conversations.content import Media, Template, Text
from conversations.models import Message
from customers.models import Consent, Identity
from tests.channels_app import pretended
from tests.channels_app.sending import say
from tests.channels_app.stage import Stage, stage

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
WHATSAPP = adapter("whatsapp")


@pytest.fixture
def phone(live_server: Any, settings: Any) -> Iterator[Stage]:
    with stage("whatsapp", live_server.url) as running:
        settings.INSIDE_HOSTS = [running.channel.config["base_url"].split("/")[2]]
        yield running


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """Lets time pass."""
    yield lambda by: clock.shift_by(lambda: by)
    clock.shift_by(timedelta)


def send(phone: Stage, content: Any, **more: Any) -> SandboxMessage:
    """One request to the pretended Graph, and what the phone shows of it."""
    outgoing = Outgoing(content, "phone", phone.address, "ref-1", **more)
    sent = WHATSAPP.send(account_of(phone.channel), outgoing)
    found = kit.find_message(phone.channel, sent.external_id)
    assert found is not None
    return found


def refused(phone: Stage, content: Any, **more: Any) -> str:
    with pytest.raises(DeliveryError) as caught:
        send(phone, content, **more)
    return f"{caught.value.reason} {caught.value.provider_code}"


def outcomes() -> list[str]:
    return list(InboundEvent.objects.order_by("pk").values_list("outcome", flat=True))


# --- in ---------------------------------------------------------------------------------------------------------------


def test_words_come_in_and_an_answer_climbs_to_read(phone):
    phone.does(text="hi")
    found = say(phone.session, "hello")
    phone.go_on()
    phone.looks()
    found.refresh_from_db()
    assert ([one.content["text"] for one in phone.heard], found.state) == (["hi"], "read")


def test_receipts_out_of_order_and_twice_end_where_they_should(phone):
    phone.does(text="hi")
    phone.controls(duplicates=True, reorders=True)
    found = say(phone.session, "hello")
    phone.go_on()
    found.refresh_from_db()
    assert found.state == "delivered"


def test_three_messages_in_one_webhook_over_two_entries_are_three(phone):
    phone.does("action", option="batch")
    assert sorted(one.content["text"] for one in phone.heard) == ["First.", "Second.", "Third."]
    assert InboundEvent.objects.filter(kind="message").count() == 3


def test_a_picture_is_fetched_in_two_hops_with_the_token(phone):
    phone.does("file", "look", file=Upload(PNG, "image/png", "a.png"))
    (message,) = phone.heard
    attachment = message.attachments.get()
    found = WHATSAPP.fetch(account_of(phone.channel), attachment.reference)
    assert found == File(PNG, "image/png") and message.content["caption"] == "look"


@pytest.mark.scenario("T-34")
def test_a_file_is_fetched_from_the_providers_hosts_only(phone, settings):
    phone.does("file", file=Upload(PNG, "image/png", "a.png"))
    attachment = phone.heard[0].attachments.get()
    settings.INSIDE_HOSTS, settings.PUBLIC_URL = [], "https://elsewhere.example"
    with pytest.raises(DeliveryError) as caught:
        WHATSAPP.fetch(account_of(phone.channel), attachment.reference)
    assert caught.value.is_permanent
    assert not SandboxExchange.objects.filter(path__contains="/attachments/").exists()


def test_a_file_that_has_expired_will_not_be_tried_again(phone, later):
    phone.does("voice", file=Upload(b"OggS" + bytes(9), "audio/ogg", "v.ogg"))
    reference = phone.heard[0].attachments.get().reference
    later(timedelta(days=8))
    with pytest.raises(DeliveryError) as caught:
        WHATSAPP.fetch(account_of(phone.channel), reference)
    assert (caught.value.reason, caught.value.provider_code) == ("rejected", "100/33")


def test_an_edit_and_a_removal_reach_the_message_that_they_are_about(phone):
    first, second = phone.does(text="frist"), phone.does(text="oops")
    phone.does("edit", "first", message=first.external_id)
    phone.does("removal", message=second.external_id)
    reworded, removed = phone.heard
    assert reworded.edits.get().content["text"] == "first"
    assert removed.content == {"type": "removed"}


def test_a_reaction_reaches_our_message_and_goes_away(phone):
    phone.does(text="hi")
    found = say(phone.session, "hello")
    phone.go_on()
    phone.does("reaction", message=phone.phone[-1].external_id, emoji="👍")
    assert outcomes()[-1] == "reaction"
    assert found.message.reactions.get().emoji == "👍"


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        ("form", "Name: Maya Lindqvist\nChair: Rocking chair"),
        ("order", "[order]"),
        ("poll", "[poll]"),
        ("ad", "Hi! I saw your ad."),
    ],
)
def test_what_else_a_phone_can_send_is_readable(phone, action, shown):
    phone.does("action", option=action)
    content = phone.heard[0].content
    assert (content.get("text") or f"[{content.get('kind')}]") == shown


@pytest.mark.scenario("ID-49")
def test_a_changed_number_is_the_same_person(phone):
    phone.does(text="hi")
    before = phone.heard[0].customer
    phone.does("action", option="number")
    live = Identity.objects.get(namespace="phone", valid_to=None)
    assert live.raw == acts.new_phone(pretended.person("maya"))
    assert live.customer.root_id == before.root_id and outcomes()[-1] == "moved"


def test_stopping_marketing_withdraws_consent(phone):
    phone.does(text="hi")
    phone.does("action", option="stop")
    assert Consent.objects.latest("pk").state == "out" and outcomes()[-1] == "opted_out"


def test_what_staff_type_in_the_phone_app_is_shown_once(phone):
    phone.does(text="hi")
    phone.does("action", option="echo")
    assert [one.content["text"] for one in Message.objects.filter(author="agent")] == ["It is on its way!"]


# --- out --------------------------------------------------------------------------------------------------------------


def load(media_type: str = "image/png", size: int = 20):
    return lambda: File(b"\x89PNG\r\n\x1a\n" + bytes(size), media_type, "a.png")


@pytest.mark.parametrize(
    ("kind", "media_type", "shown"),
    [
        ("image", "image/png", "image"),
        ("image", "image/gif", "document"),
        ("audio", "audio/ogg; codecs=opus", "audio"),
        ("video", "video/mp4", "video"),
        ("video", "video/quicktime", "document"),
        ("file", "application/pdf", "document"),
    ],
)
def test_a_file_goes_up_as_bytes_and_is_shown_as_whatsapp_can(phone, kind, media_type, shown):
    phone.does(text="hi")
    body = send(phone, Media(kind, caption="see"), load=load(media_type)).body
    assert body["type"] == shown and body[shown]["id"].isdigit()
    assert body[shown].get("caption", "see") == "see"


def test_a_picture_too_large_for_a_picture_goes_as_a_document(phone):
    phone.does(text="hi")
    assert send(phone, Media("image"), load=load(size=5 * 1024 * 1024)).body["type"] == "document"


def test_without_the_bytes_a_file_goes_as_a_link(phone):
    def gone() -> File:
        raise FileNotFoundError

    phone.does(text="hi")
    assert send(phone, Media("image", "https://x.example/a.png"), load=gone).body["image"]["link"]
    assert refused(phone, Media("image"), load=gone).startswith("rejected")


def test_an_unknown_file_is_refused_and_an_upload_without_the_token_too(phone):
    phone.does(text="hi")
    phone.channel.credentials = {**phone.channel.credentials, "access_token": "wrong"}
    assert refused(phone, Media("image"), load=load()) == "channel_down 190"


def test_reading_and_typing_are_one_call_and_need_the_message(phone):
    row = phone.does(text="hi")
    account = account_of(phone.channel)
    WHATSAPP.signal(account, Signal("typing", "phone", phone.address))
    row.refresh_from_db()
    assert row.state == "delivered"
    WHATSAPP.signal(account, Signal("typing", "phone", phone.address, row.external_id))
    row.refresh_from_db()
    assert row.state == "read"
    assert json.loads(SandboxExchange.objects.latest("pk").request)["typing_indicator"] == {"type": "text"}


def test_after_24_hours_only_a_template_goes_out(phone, later):
    phone.does(text="hi")
    later(timedelta(hours=25))
    assert refused(phone, Text("hello")) == "outside_window 131047"
    shown = send(phone, Template("continue_chat", "en", ("Maya",)))
    assert shown.body["template"]["name"] == "continue_chat"


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (Template("order_update", "en", ("Maya",)), "132000"),
        (Template("nothing", "en"), "132001"),
        (Template("order_update", "fr", ("Maya", "1")), "132001"),
        (Template("spring_sale", "en", ("Maya",)), "132015"),
    ],
)
def test_a_template_that_is_not_as_approved_is_refused(phone, template, code):
    assert refused(phone, template) == f"rejected {code}"


def test_a_failure_after_the_200_is_told_with_its_reason(phone):
    phone.does(text="hi")
    phone.controls(failure="131026")
    found = say(phone.session, "hello")
    phone.go_on()
    found.refresh_from_db()
    assert (found.state, found.reason) == ("failed", "unreachable")


def test_too_many_requests_wait_as_long_as_whatsapp_says(phone):
    phone.does(text="hi")
    phone.controls(failure="429")
    found = say(phone.session, "hello")
    delivery.send_due()
    found.refresh_from_db()
    assert found.state == "queued" and found.next_attempt_at > clock.now() + timedelta(seconds=1)
