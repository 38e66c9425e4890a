"""Does the SMS adapter say what is meant, spend nothing where it may not, and understand every refusal?"""

from __future__ import annotations

import base64

import pytest

from channels_app.registry import Account, DeliveryError
from common import segments
from conversations import capabilities
from conversations.content import Choice, Location, Media, Option, Text
from conversations.journeys import render
from tests.channels_app.stub import stub
from tests.channels_app.texting import ACCOUNT, MAYA, NUMBER, SENDER, SMS, form_of, refusal, write

LINK = "https://shop.example/files/chair.png"


def account(**config: object) -> Account:
    return Account(ACCOUNT.key, ACCOUNT.account, {**ACCOUNT.config, **config}, ACCOUNT.credentials)


def test_words_go_from_our_number_with_our_id_in_the_status_callback(settings):
    settings.PUBLIC_URL = "https://desk.example"
    call, sent = write(Text("2 < 3 & ♥"))
    assert call.path == "/2010-04-01/Accounts/AC1/Messages.json" and sent.external_id == "SM9"
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:twilio-auth-token").decode()
    assert form_of(call) == {
        "To": MAYA,
        "From": NUMBER,
        "Body": "2 < 3 & ♥",
        "StatusCallback": "https://desk.example/webhooks/sms/demo?delivery=ref-1",
    }


def test_an_api_key_is_used_instead_of_the_token():
    keyed = Account("k", NUMBER, {"account_sid": "AC1", "api_key_sid": "SK1"}, {"api_key_secret": "s"})
    call, _ = write(Text("hi"), account=keyed)
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"SK1:s").decode()
    assert "StatusCallback" not in form_of(call)


def test_a_messaging_service_chooses_the_number_itself():
    form = form_of(write(Text("hi"), account=Account("s", "MG7", ACCOUNT.config, ACCOUNT.credentials))[0])
    assert form["MessagingServiceSid"] == "MG7" and "From" not in form


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("1 555 078 3882", NUMBER),
        ("whatsapp:15550783882", SENDER.account),
        ("72345", "72345"),
        ("NORDIC24", "NORDIC24"),
    ],
)
def test_our_number_is_sent_as_e164_where_it_is_one(written, sender):
    ours = Account("s", written, ACCOUNT.config, ACCOUNT.credentials)
    assert form_of(write(Text("hi"), account=ours)[0])["From"] == sender


@pytest.mark.parametrize("address", ["46701740635", "+46 70-174 06 35", MAYA])
def test_a_phone_in_any_form_is_written_to_as_e164(address):
    assert form_of(write(Text("hi"), address=address)[0])["To"] == MAYA


def test_a_whatsapp_sender_writes_to_phones_and_to_business_scoped_ids():
    assert form_of(write(Text("hi"), account=SENDER)[0])["To"] == f"whatsapp:{MAYA}"
    form = form_of(write(Text("hi"), account=SENDER, namespace="wa_bsuid", address="US.1234")[0])
    assert (form["To"], form["From"]) == ("whatsapp:US.1234", SENDER.account)


@pytest.mark.parametrize("namespace", ["wa_bsuid", "email", "messenger_user"])
def test_an_sms_goes_to_phones_only(namespace):
    with pytest.raises(DeliveryError) as refused:
        write(Text("hi"), namespace=namespace, address="US.1234")
    assert refused.value.reason == "unreachable"


def test_a_picture_goes_as_a_link_with_its_words():
    form = form_of(write(Media("image", url=LINK, caption="A chair"))[0])
    assert (form["MediaUrl"], form["Body"]) == (LINK, "A chair")


@pytest.mark.parametrize("content", [Media("image"), Location(1, 2)])
def test_what_there_is_no_message_for_is_rejected_before_anything_is_sent(content):
    with pytest.raises(DeliveryError) as refused:
        write(content)
    assert refused.value.reason == "rejected" and refused.value.http_status is None


@pytest.mark.scenario("T-59")
@pytest.mark.parametrize(
    ("address", "countries"),
    [
        ("+46701740635", ["NO", "DK"]),
        ("+46701740635", "no, dk"),
        ("+18765551234", ["US"]),  # Jamaica shares the prefix, not the price
        ("+469001234567", []),  # a premium number
        ("+447700900018", ["SE"]),
    ],
)
def test_where_it_may_cost_too_much_nothing_is_sent(address, countries):
    with pytest.raises(DeliveryError) as refused:
        write(Text("hi"), account=account(countries=countries), address=address)
    assert refused.value.reason == "rejected" and refused.value.http_status is None


@pytest.mark.scenario("T-59")
@pytest.mark.parametrize(("address", "countries"), [(MAYA, ["SE"]), (MAYA, "se"), (MAYA, []), ("+15550783999", ["US"])])
def test_a_country_on_the_list_is_written_to(address, countries):
    assert write(Text("hi"), account=account(countries=countries), address=address)[1].external_id == "SM9"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refusal(20429, 429), "rate_limited"),
        (refusal(14107), "rate_limited"),
        (refusal(21610), "opted_out"),
        (refusal(63016), "outside_window"),
        (refusal(21211), "unreachable"),
        (refusal(21614), "unreachable"),
        (refusal(21408, 403), "unreachable"),
        (refusal(21617), "rejected"),
        (refusal(20003, 401), "channel_down"),
        (refusal(20500, 500), "provider_down"),
        (refusal(99999, 503), "provider_down"),
        (refusal(99999), "rejected"),
        ((502, b"<html>"), "provider_down"),
        ((429, b""), "rate_limited"),
        ((201, b"{}"), "lost"),
    ],
)
def test_each_refusal_has_its_meaning(answer, reason):
    with pytest.raises(DeliveryError) as refused:
        write(Text("hi"), answer)
    assert refused.value.reason == reason


def test_a_refusal_keeps_twilios_code_and_words():
    with pytest.raises(DeliveryError) as refused:
        write(Text("hi"), (*refusal(20429, 429), {"retry-after": "3"}))
    found = refused.value
    assert (found.provider_code, found.provider_text, found.retry_after) == ("20429", "said 20429", 3.0)


def test_options_are_numbered_and_a_long_text_is_split_at_the_limit():
    options = tuple(Option(str(n), f"Answer {n}") for n in range(3))
    (asked,) = render.render(Choice("What now?", options), capabilities.of("sms")).messages
    assert asked == Text("What now?\n1) Answer 0\n2) Answer 1\n3) Answer 2")
    pieces = render.render(Text("word " * 900), capabilities.of("sms")).messages
    assert len(pieces) == 3 and all(len(piece.text) <= 1600 for piece in pieces)


# --- check and fetch --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "is_well"),
    [((200, {"status": "active"}), True), ((200, {"status": "suspended"}), False), (refusal(20003, 401), False)],
)
def test_the_account_is_asked_whether_it_works(answer, is_well):
    with stub(answer) as api:
        (finding,) = SMS.check(account(base_url=api.url))
    assert finding.is_well is is_well and "twilio-auth-token" not in finding.text
    assert api.calls[0].path == "/2010-04-01/Accounts/AC1.json"


@pytest.mark.scenario("T-34")
@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example", "api.twilio.com.evil.example", "my.s3.amazonaws.com"])
def test_a_picture_is_fetched_from_twilios_hosts_only(host):
    with pytest.raises(DeliveryError) as refused:
        SMS.fetch(ACCOUNT, f"https://{host}/x")
    assert refused.value.is_permanent


def test_a_picture_is_fetched_with_our_token_and_the_store_does_not_get_it(settings):
    with stub((200, b"bytes", {"content-type": "image/png"})) as store, stub() as api:
        api.script = [(307, b"", {"location": f"{store.url}/kept"})]
        settings.INSIDE_HOSTS = [one.url.removeprefix("http://") for one in (store, api)]
        found = SMS.fetch(account(base_url=api.url), f"{api.url}/Media/ME1")
    assert (found.content, found.media_type) == (b"bytes", "image/png")
    assert "authorization" in api.calls[0].headers and "authorization" not in store.calls[0].headers


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "count", "left"),
    [
        ("", "GSM-7", 1, 160),
        ("a" * 160, "GSM-7", 1, 0),
        ("a" * 161, "GSM-7", 2, 145),
        ("€" * 80, "GSM-7", 1, 0),
        ("€" * 81, "GSM-7", 2, 143),
        ("ж" * 70, "UCS-2", 1, 0),
        ("ж" * 71, "UCS-2", 2, 63),
        ("🪑" * 35, "UCS-2", 1, 0),
        ("🪑" * 36, "UCS-2", 2, 61),
        ("é ç", "UCS-2", 1, 67),
    ],
)
def test_a_text_is_counted_in_parts(text, encoding, count, left):
    found = segments.of(text)
    assert (found.encoding, found.count, found.left) == (encoding, count, left)
