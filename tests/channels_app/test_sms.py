"""Does the SMS adapter read whatever Twilio sends, and believe only Twilio?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels_app.registry import (
    Account,
    BadSignature,
    DeepLink,
    Inbound,
    Notice,
    Preference,
    Receipt,
    Request,
)
from common import clock
from conversations.content import Location, Media, Text, Unsupported
from tests.channels_app import texting
from tests.channels_app.texting import ACCOUNT, MAYA, NUMBER, SENDER, SHARED, SMS, TOKEN, URL, read, read_all

HANDLE = ("phone", "", MAYA, "imported", "")
SETTINGS = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
BSUID = "US.13491208655302741918"


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "content", "text", "payload"),
    [
        ({}, Text("hi"), "hi", ""),
        ({"Body": ""}, Text(""), "", ""),
        ({"ButtonText": "Yes", "ButtonPayload": "r:1"}, Text("Yes"), "Yes", "r:1"),
        ({"ListTitle": "B", "ListId": "r:2"}, Text("B"), "B", "r:2"),
        ({"Latitude": "59.3", "Longitude": "18.1", "Label": "Shop"}, Location(59.3, 18.1, "Shop"), "Shop", ""),
        ({"Latitude": "900", "Longitude": "18.1"}, Text("hi"), "hi", ""),
    ],
)
def test_each_kind_of_message_is_read(more, content, text, payload):
    found = read(texting.message(**more))
    assert isinstance(found, Inbound) and found.external_id == "SM1"
    assert (found.content, found.text, found.payload) == (content, text, payload)


def test_a_call_without_any_body_is_a_placeholder():
    form = texting.message()
    del form["Body"]
    assert read(form).content == Unsupported("empty message")


def test_the_sender_of_an_sms_routes_and_proves_nothing():
    assert read(texting.message()).handles == (HANDLE,)


def test_pictures_are_references_with_the_words_as_caption():
    media = {"MediaUrl0": "https://api.twilio.com/a", "MediaContentType0": "image/jpeg"}
    media |= {"MediaUrl1": "https://api.twilio.com/b", "MediaContentType1": "application/pdf"}
    found = read(texting.message("look", NumMedia="2", **media))
    assert found.content == Media("image", caption="look", mime_type="image/jpeg") and found.text == "look"
    assert [one["reference"][-1] for one in found.media] == ["a", "b"]


@pytest.mark.parametrize("count", ["", "x", "-1", "9" * 30, "²"])
def test_a_nonsensical_number_of_pictures_is_none(count):
    assert read(texting.message(NumMedia=count, MediaUrl0="https://x")).media == ()


LONG = "Hello, this is a long message that a carrier put together: ålder, kärlek and so on."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (base64.b64encode(LONG.encode()).decode(), LONG),
        (base64.b64encode(b"short").decode(), base64.b64encode(b"short").decode()),
        ("A" * 64, "A" * 64),
        (base64.b64encode(bytes(range(200, 255)) * 2).decode(), base64.b64encode(bytes(range(200, 255)) * 2).decode()),
        ("word " * 20, "word " * 20),
    ],
)
def test_a_body_is_decoded_only_if_it_plainly_is_base64(body, text):
    assert read(texting.message(body)).text == text


def test_a_code_in_the_words_is_cut_out():
    found = read(texting.message("Hello there [#K7Q2M9]"))
    assert (found.text, found.content, found.code) == ("Hello there", Text("Hello there"), "K7Q2M9")


@pytest.mark.parametrize(("word", "state", "is_silent"), [("STOP", "out", True), ("START", "in", False)])
def test_an_opt_out_is_shown_and_kept_as_the_persons_wish(word, state, is_silent):
    heard, wish = read_all(texting.message(word.lower(), OptOutType=word))
    assert heard.text == word.lower() and heard.is_automatic is is_silent
    assert isinstance(wish, Preference) and (wish.purpose, wish.state, wish.handles) == ("all", state, (HANDLE,))
    assert wish.evidence == {"message": "SM1", "word": word.lower()}


def test_help_is_answered_by_twilio_and_changes_no_wish():
    assert read(texting.message("help", OptOutType="HELP")).is_automatic


def test_a_whatsapp_sender_is_vouched_for_with_phone_and_business_scoped_id():
    form = texting.message(From=f"whatsapp:{MAYA}", To=SENDER.account, ProfileName="Maya")
    found = read(form | {"ExternalUserId": f"whatsapp:{BSUID}"}, account=SENDER)
    assert found.handles == (
        ("phone", "portfolio-1", MAYA, "provider", "Maya"), ("wa_bsuid", "portfolio-1", BSUID, "provider", "Maya"),
    )  # fmt: skip


def test_a_whatsapp_sender_without_a_phone_is_known_by_the_business_scoped_id():
    form = texting.message(From=f"whatsapp:{BSUID}", To=SENDER.account, ExternalUserId=f"whatsapp:{BSUID}")
    assert [handle[0] for handle in read(form, account=SENDER).handles] == ["wa_bsuid"]


def test_a_user_id_that_is_none_is_left_out():
    form = texting.message(From=f"whatsapp:{MAYA}", To=SENDER.account, ExternalUserId="whatsapp:foo_bar")
    assert [handle[0] for handle in read(form, account=SENDER).handles] == ["phone"]


# --- receipts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("undelivered", "failed"), ("failed", "failed")],
)
def test_a_status_names_the_message_by_its_sid_and_by_our_id(word, state):
    found = read(texting.status(word), f"{URL}?delivery=ref-1")
    assert isinstance(found, Receipt)
    assert (found.external_id, found.status, found.delivery_ref) == ("SM9", state, "ref-1")


@pytest.mark.parametrize("word", ["accepted", "scheduled", "queued", "sending", "hologram"])
def test_a_status_on_the_way_says_nothing_new(word):
    assert isinstance(read(texting.status(word)), Notice)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("30003", "unreachable"), ("30005", "unreachable"), ("30007", "rejected"), ("21610", "opted_out"),
        ("63016", "outside_window"), ("63018", "rate_limited"), ("30001", "rate_limited"), ("", "rejected"),
    ],
)  # fmt: skip
def test_a_failure_goes_through_the_error_table(code, reason):
    assert read(texting.status("failed", ErrorCode=code)).error.reason == reason


def test_keys_and_handles_tell_message_and_states_apart():
    found = [texting.event(form) for form in (texting.message(), texting.status("sent"), texting.status("delivered"))]
    assert [(one.key, one.handle, one.kind, one.account) for one in found] == [
        ("SM1", MAYA, "message", NUMBER),
        ("SM9/sent", MAYA, "status", NUMBER),
        ("SM9/delivered", MAYA, "status", NUMBER),
    ]


def test_a_messaging_service_that_is_connected_gets_its_numbers_messages():
    service = Account("s", "MG7", ACCOUNT.config, ACCOUNT.credentials)
    form = texting.message(MessagingServiceSid="MG7")
    assert texting.event(form, account=service).account == "MG7"
    assert SMS.verify(texting.request(form), [service, ACCOUNT]).events[0].account == NUMBER


@pytest.mark.parametrize("written", ["15550783882", "+1 555 078-3882"])
def test_our_number_may_be_written_down_in_any_form(written):
    account = Account("s", written, ACCOUNT.config, ACCOUNT.credentials)
    assert texting.event(texting.message(), account=account).account == written


def test_an_sms_is_not_taken_for_a_message_to_the_whatsapp_sender():
    assert texting.event(texting.message(), account=SENDER).account == NUMBER


def test_the_time_is_when_we_heard_of_it():
    before = clock.now()
    assert before <= read(texting.message()).occurred_at <= clock.now()


# --- the door ---------------------------------------------------------------------------------------------------------


def test_twilio_reads_an_empty_response():
    reply = SMS.verify(texting.request(texting.message()), [ACCOUNT]).reply
    assert (reply.body, reply.content_type) == ("<Response/>", "text/xml; charset=utf-8")


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize(("secret", "settings"), [(TOKEN, ""), (SHARED, SETTINGS), (SHARED, "key=k")])
@pytest.mark.parametrize("signed", ["", "https://desk.example:443/webhooks/sms/demo"])
def test_both_signatures_fit_with_and_without_a_port(secret, settings, signed):
    form = texting.message("Zoë & Ann = 🪑 +1")
    assert SMS.verify(texting.request(form, secret=secret, settings=settings, signed=signed), [ACCOUNT]).events


def test_a_url_that_has_a_port_fits_without_it():
    url = "https://desk.example:8443/webhooks/sms/demo"
    for signed in (url, "https://desk.example/webhooks/sms/demo"):
        assert SMS.verify(texting.request(texting.message(), url, signed=signed), [ACCOUNT]).events


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize(
    ("form", "more"),
    [
        (texting.message(), {"secret": "another token"}),
        (texting.message(), {"secret": TOKEN, "settings": SETTINGS}),  # the shared key's place, the account's token
        (texting.message(), {"secret": SHARED}),
        (texting.message(), {"secret": SHARED, "settings": "key=k,algorithm=HMAC_MD5"}),
        (texting.message(), {"signed": "https://elsewhere.example/webhooks/sms/demo"}),
        (texting.message(), {"signed": URL + "?delivery=ref-1"}),
        (texting.message(AccountSid="AC2"), {}),  # another account of Twilio's that shares the URL
    ],
)
def test_nothing_else_fits(form, more):
    with pytest.raises(BadSignature):
        SMS.verify(texting.request(form, **more), [ACCOUNT])


@pytest.mark.scenario("T-33")
def test_a_field_that_was_changed_added_or_taken_away_does_not_fit():
    signed = texting.request(texting.message())
    for form in (texting.message("ho"), texting.message(Extra="1"), texting.status("sent")):
        with pytest.raises(BadSignature):
            SMS.verify(Request(urlencode(form).encode(), signed.headers, URL), [ACCOUNT])


def test_without_a_secret_nothing_fits():
    bare = Account("none", NUMBER, {"account_sid": "AC1"}, {"auth_token": ""})
    with pytest.raises(BadSignature):
        SMS.verify(texting.request(texting.message(), secret=""), [bare])


def test_the_token_before_a_rotation_fits():
    rotated = Account("r", NUMBER, {}, {"auth_token": "new", "auth_token_previous": TOKEN})
    assert SMS.verify(texting.request(texting.message()), [rotated]).events


def test_a_repeated_field_is_signed_by_its_sorted_distinct_values():
    raw = b"Body=b&Body=a&Body=b&From=%2B46701740635&MessageSid=SM1&AccountSid=AC1&Empty="
    text = f"{URL}AccountSidAC1BodyaBodybEmptyFrom{MAYA}MessageSidSM1"
    made = base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), "sha1").digest())
    assert SMS.verify(Request(raw, {b"x-twilio-signature": made}, URL), [ACCOUNT]).events


def json_request(body: bytes, digest: str) -> Request:
    url = f"{URL}?bodySHA256={digest}"
    made = RequestValidator(TOKEN).compute_signature(url, {})
    headers = {b"x-twilio-signature": made.encode(), b"content-type": b"application/json"}
    return Request(body, headers, url)


def test_a_json_body_is_signed_by_its_hash():
    body = json.dumps(texting.message()).encode()
    (event,) = SMS.verify(json_request(body, hashlib.sha256(body).hexdigest()), [ACCOUNT]).events
    assert SMS.parse(event.raw, ACCOUNT)[0].text == "hi"
    with pytest.raises(BadSignature):
        SMS.verify(json_request(body + b" ", hashlib.sha256(body).hexdigest()), [ACCOUNT])


def test_the_links_carry_the_code():
    assert SMS.link(ACCOUNT, "K7Q2") == DeepLink(f"sms:{NUMBER}?body=%5B%23K7Q2%5D", "[#K7Q2]")
    assert SMS.link(SENDER, "K7Q2") == DeepLink("https://wa.me/15550783882?text=%5B%23K7Q2%5D", "[#K7Q2]")
    assert SMS.link(Account("s", "MG7"), "K7Q2") is None
    assert SMS.link(Account("s", "MG7", {"number": "+1555"}), "K7Q2").url.startswith("sms:+1555?")
