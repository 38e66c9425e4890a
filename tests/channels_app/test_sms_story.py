"""Does a conversation by SMS work from end to end, and does Twilio's own SDK find the emulator to be Twilio?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from channels_app.models import InboundEvent
from channels_app.registry import account_of
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.sms_emulator import ACCOUNT_SID, NUMBER
from conversations.models import Delivery, Message
from customers.models import Identity
from tests.channels_app import doors, pretended, texting
from tests.channels_app.sending import say
from tests.channels_app.stage import Stage, stage
from tests.channels_app.texting import SMS

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def sms(live_server: Any) -> Iterator[Stage]:
    with stage("sms", live_server.url) as running:
        yield running


def delivered(sms: Stage, text: str = "hello", **more: Any) -> Delivery:
    """Something that the bot says, as far as it came."""
    found = say(sms.session, text, **more)
    sms.go_on()
    found.refresh_from_db()
    return found


def test_words_come_in_and_an_answer_goes_out_and_is_delivered(sms):
    sms.does(text="hi")
    assert [message.content["text"] for message in sms.heard] == ["hi"]
    assert Identity.objects.get(namespace="phone").proof == "imported"
    found = delivered(sms)
    assert (found.state, sms.phone[-1].body["text"]) == ("delivered", "hello")
    assert found.external_id == sms.phone[-1].external_id


@pytest.mark.parametrize("action", ["shared_key", "base64"])
def test_the_other_signature_and_a_badly_joined_body_are_read(sms, action):
    words = "This is a long message that a carrier will have put together badly."
    sms.does("action", option=action)
    sms.does(text=words)
    assert [message.content["text"] for message in sms.heard] == [words]


def test_callbacks_out_of_order_and_twice_end_at_delivered(sms):
    sms.does(text="hi")
    sms.controls(reorders=True, duplicates=True)
    assert delivered(sms).state == "delivered"


def test_a_lost_answer_is_settled_by_our_id_in_the_callback(sms):
    sms.does(text="hi")
    sms.controls(failure="lost")
    found = delivered(sms)
    assert (found.state, found.external_id) == ("delivered", sms.phone[-1].external_id)
    assert len([row for row in sms.phone if row.body["text"] == "hello"]) == 1


@pytest.mark.parametrize(
    ("failure", "reason"), [("30003", "unreachable"), ("30007", "rejected"), ("21610", "opted_out")]
)
def test_a_failure_reaches_the_agent_with_its_reason(sms, failure, reason):
    sms.does(text="hi")
    sms.controls(failure=failure)
    found = delivered(sms)
    assert (found.state, found.reason) == ("failed", reason)


def test_after_stop_the_words_are_shown_and_nothing_more_goes_through(sms):
    sms.does(text="hi")
    before = len(sms.phone)
    sms.does(text="STOP")
    assert sms.heard[-1].content["text"] == "STOP" and sms.heard[-1].is_automatic
    assert len(sms.phone) == before + 1  # Twilio's own answer, and none of ours
    assert delivered(sms).state in ("failed", "cancelled")


def test_a_picture_comes_with_its_words_and_can_be_fetched(sms, settings):
    settings.INSIDE_HOSTS = [sms.channel.config["base_url"].split("/")[2]]
    sms.does("file", "look", file=Upload(PNG, "image/png", "chair.png"))
    (message,) = sms.heard
    assert message.content["kind"] == "image" and message.content["caption"] == "look"
    reference = message.attachments.get().reference
    assert SMS.fetch(account_of(sms.channel), reference).content == PNG


@pytest.mark.scenario("T-33")
def test_a_forged_call_is_refused_and_not_stored(sms):
    sms.channel.credentials = {"auth_token": "another"}  # as the provider believes it to be
    pretended.write(sms.channel, "text", "hi")
    assert sms.go_on() == [401]
    assert not InboundEvent.objects.exists() and not Message.objects.exists()


# --- Twilio's own SDK -------------------------------------------------------------------------------------------------


class Redirected(TwilioHttpClient):
    """The SDK's own transport, led to the emulator."""

    def __init__(self, root: str) -> None:
        super().__init__(timeout=5)
        self.root = root

    def request(self, method, url, *args, **more):
        return super().request(method, url.replace("https://api.twilio.com", self.root), *args, **more)


def client(sms: Stage, token: str = "") -> Client:
    known = token or sms.channel.credentials["auth_token"]
    return Client(ACCOUNT_SID, known, http_client=Redirected(sms.channel.config["base_url"]))


def test_the_sdk_sends_reads_and_lists_messages(sms):
    made = client(sms).messages.create(
        to="+46701740635", from_=NUMBER, body="€ and 🪑", media_url=["https://x.org/a.png"]
    )
    assert (made.status, made.num_segments, made.num_media, made.error_code) == ("queued", "1", "1", None)
    assert made.date_created.tzinfo and made.sid.startswith("SM")
    assert client(sms).messages(made.sid).fetch().status == "delivered"
    assert [one.sid for one in client(sms).messages.list(limit=5)] == [made.sid]


def test_the_sdk_reads_the_account_and_is_refused_with_another_token(sms):
    assert client(sms).api.accounts(ACCOUNT_SID).fetch().status == "active"
    with pytest.raises(TwilioRestException) as refused:
        client(sms, "wrong").api.accounts(ACCOUNT_SID).fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"to": "12", "body": "x"}, 21211),
        ({"to": "+46701740635", "body": "x" * 1601}, 21617),
        ({"to": "+46701740635"}, 21602),
        ({"to": "+46701740635", "body": "x", "from_": "+1999"}, 21606),
    ],
)
def test_the_sdk_understands_each_refusal(sms, more, code):
    with pytest.raises(TwilioRestException) as refused:
        client(sms).messages.create(**{"from_": NUMBER} | more)
    assert refused.value.code == code and refused.value.msg


def test_the_check_says_that_the_pretended_account_works(sms):
    assert [finding.is_well for finding in SMS.check(account_of(sms.channel))] == [True]


def test_twilio_is_told_where_messages_go(sms):
    findings = SMS.connect(account_of(sms.channel), "https://desk.example/webhooks/sms/demo")
    assert [finding.is_well for finding in findings] == [True, True]
    (number,) = client(sms).incoming_phone_numbers.list(phone_number=NUMBER)
    assert number.sms_url == "https://desk.example/webhooks/sms/demo"


@pytest.mark.parametrize("account", ["MG7", "whatsapp:+15550783882", "+15550000000"])
def test_what_cannot_be_told_is_said(sms, account):
    sms.channel.account = account
    assert [finding.is_well for finding in SMS.connect(account_of(sms.channel), "https://x")] == [False]


def test_the_door_answers_twilio_with_an_empty_response_and_keeps_a_repeat_once(sms):
    request = texting.request(
        texting.message(AccountSid=ACCOUNT_SID, To=NUMBER),
        f"{settings.PUBLIC_URL}/webhooks/sms/demo",
        secret=sms.channel.credentials["auth_token"],
    )
    headers = {name.decode(): value.decode() for name, value in request.headers.items()}
    for _ in range(2):
        answer = doors.run(lambda: doors.call(request.body, path="/webhooks/sms/demo", headers=headers))
        assert answer[:2] == (200, b"<Response/>") and answer[2][b"content-type"].startswith(b"text/xml")
    sms.go_on()
    assert len(sms.heard) == 1
