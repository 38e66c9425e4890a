"""Do the adapters of Messenger and Instagram say what is meant, and understand every refusal?"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.registry import Account, DeliveryError, File, Outgoing, Signal
from channels_app.sandbox.messenger_emulator import platform
from conversations import capabilities
from conversations.content import Choice, Location, Media, Option, Template, Text
from conversations.journeys import render
from tests.channels_app import meta
from tests.channels_app.meta import ACCOUNT, MAYA, PAGE, TAKEN, write
from tests.channels_app.stub import stub

LINK = "https://shop.example/files/chair.png"
PNG = File(b"\x89PNG", "image/png", "chair.png")
RULES = {"messenger": platform.PAGE, "instagram": platform.INSTAGRAM}


REPLY = {"content_type": "text", "title": "t", "payload": "p"}


def refusal(code: int, subcode: int | None = None, status: int = 400):
    return status, platform.Refusal(code, f"said {code}", subcode).body()


def test_words_go_to_the_person_with_our_id_and_the_token_in_a_header():
    call, sent = write(Text("2 < 3"))
    assert call.path == "/v25.0/me/messages" and call.headers["authorization"] == "Bearer page-token"
    assert call.json() == {
        "messaging_type": "RESPONSE",
        "recipient": {"id": MAYA},
        "message": {"text": "2 < 3", "metadata": "throughline:ref-1"},
    }
    assert (sent.external_id, sent.handles) == ("m_out_1", ())


def test_instagram_is_sent_no_member_that_it_does_not_name():
    assert write(Text("hi"), kind="instagram")[0].json()["message"] == {"text": "hi"}


def test_options_are_quick_replies():
    options = (Option("a", "Change the address", "r:1:a"), Option("b", "No"))
    message = write(Choice("What now?", options, "buttons"))[0].json()["message"]
    assert message["text"] == "What now?"
    assert message["quick_replies"] == [
        {"content_type": "text", "title": "Change the address", "payload": "r:1:a"},
        {"content_type": "text", "title": "No", "payload": "b"},
    ]


def test_a_file_goes_as_its_bytes_to_messenger():
    call, _ = write(Media("image", url=LINK), load=lambda: PNG)
    assert call.headers["content-type"].startswith("multipart/form-data")
    assert PNG.content in call.body and b'name="filedata"; filename="chair.png"' in call.body
    assert LINK.encode() not in call.body and b'"type": "image"' in call.body


def test_a_file_goes_as_a_link_to_instagram():
    call, _ = write(Media("image", url=LINK), load=lambda: PNG, kind="instagram")
    assert call.json()["message"]["attachment"] == {"type": "image", "payload": {"url": LINK, "is_reusable": False}}


@pytest.mark.parametrize(
    ("author", "is_late", "said"),
    [
        ("agent", True, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
        ("agent", False, {"messaging_type": "RESPONSE"}),
        ("bot", True, {"messaging_type": "RESPONSE"}),
    ],
)
def test_only_a_person_who_is_late_says_so(author, is_late, said):
    body = write(Text("hi"), author=author, is_late=is_late)[0].json()
    assert {name: body[name] for name in ("messaging_type", "tag") if name in body} == said


def test_who_ticked_a_box_is_written_to_by_its_reference_and_their_id_is_learnt():
    call, sent = write(Text("hi"), address="user_ref:box-1")
    assert call.json()["recipient"] == {"user_ref": "box-1"}
    assert sent.handles == (("messenger_user", PAGE, MAYA, "provider", ""),)


@pytest.mark.parametrize("content", [Template("t"), Location(1, 2), Media("image")])
def test_what_there_is_no_message_for_is_rejected_before_anything_is_sent(content):
    with pytest.raises(DeliveryError) as refused:
        write(content)
    assert refused.value.reason == "rejected" and refused.value.http_status is None


def test_a_phone_is_no_address_here():
    with pytest.raises(DeliveryError) as refused:
        write(Text("hi"), namespace="phone", address="46701740635")
    assert refused.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refusal(10, 2018278), "outside_window"),
        (refusal(10, 2534022), "outside_window"),
        (refusal(10), "channel_down"),
        (refusal(613), "rate_limited"),
        (refusal(4), "rate_limited"),
        (refusal(32), "rate_limited"),
        (refusal(551, 1545041), "unreachable"),
        (refusal(100, 2018001), "unreachable"),
        (refusal(100), "rejected"),
        (refusal(190, 463, 401), "channel_down"),
        (refusal(200), "channel_down"),
        (refusal(230), "channel_down"),
        (refusal(2, None, 500), "provider_down"),
        (refusal(99999, None, 503), "provider_down"),
        (refusal(99999, None, 429), "rate_limited"),
        (refusal(99999), "rejected"),
        ((502, b"<html>"), "provider_down"),
        ((200, {"recipient_id": MAYA}), "lost"),
    ],
)
def test_each_refusal_has_its_meaning(answer, reason):
    with pytest.raises(DeliveryError) as refused:
        write(Text("hi"), answer)
    assert refused.value.reason == reason


def test_a_refusal_keeps_metas_code_and_words():
    with pytest.raises(DeliveryError) as refused:
        write(Text("hi"), (*refusal(613), {"retry-after": "7"}))
    found = refused.value
    assert (found.provider_code, found.provider_text, found.retry_after) == ("613", "said 613", 7.0)


@pytest.mark.parametrize(("kind", "action"), [("typing", "typing_on"), ("read", "mark_seen")])
def test_a_courtesy_is_an_action(kind, action):
    with stub(otherwise=(200, TAKEN)) as api:
        meta.MESSENGER.signal(account(api.url), Signal(kind, "messenger_user", MAYA, "m_1"))
    assert api.calls[0].json() == {"recipient": {"id": MAYA}, "sender_action": action}


RANGE = tuple(Option(str(n), f"The chair number {n} of the range") for n in range(30))
LONG = Choice("Which of our chairs do you mean? " * 60, RANGE)


@pytest.mark.parametrize("kind", ["messenger", "instagram"])
@pytest.mark.parametrize(
    "content",
    [
        Text("word " * 900),
        Choice("?", (Option("a", "Yes", "p"),)),
        LONG,
        Media("image", url=LINK, caption="A chair"),
        Location(59.3, 18.1, "Shop"),
    ],
)
def test_whatever_is_rendered_passes_metas_strict_check(kind, content):
    for message in render.render(content, capabilities.of(kind)).messages:
        assert platform.check_send(write(message, kind=kind)[0].json(), RULES[kind]) is None


@settings(max_examples=150, deadline=None)
@given(
    words=st.text("aå🪑ж \n", min_size=1, max_size=2500).filter(str.strip),
    shape=st.sampled_from(["text", "choice", "file"]),
)
def test_texts_for_instagram_are_counted_in_bytes_and_nothing_is_left_out(words, shape):
    made = {
        "text": Text(words),
        "choice": Choice(words, (Option("a", "Yes", "p"),)),
        "file": Media("file", url=LINK, caption=words),
    }
    messages = render.render(made[shape], capabilities.of("instagram")).messages
    said = [message.text for message in messages]
    assert all(0 < len(text.encode()) <= 1000 for text in said)
    assert "".join("".join(said).removesuffix(LINK).split()) == "".join(words.split())


def test_the_check_itself_refuses_what_meta_would():
    body = write(Text("hi"))[0].json()
    for wrong in (
        body | {"tag": "HUMAN_AGENT"},
        body | {"messaging_type": "OTHER"},
        body | {"recipient": {}},
        body | {"colour": 1},
        body | {"message": {}},
        body | {"message": {"text": "x" * 2001}},
        body | {"message": {"text": "x", "quick_replies": [REPLY | {"title": "t" * 21}]}},
    ):
        assert platform.check_send(wrong, platform.PAGE)
    assert platform.check_send(body, platform.INSTAGRAM)  # `metadata`


# --- check and fetch --------------------------------------------------------------------------------------------------


def account(url: str, **config: str) -> Account:
    return Account("m", PAGE, {"base_url": url, "app_id": meta.APP} | config, ACCOUNT.credentials)


def test_a_set_up_that_works_is_said_to_work():
    apps = {"data": [{"id": meta.APP, "subscribed_fields": ["messages"]}]}
    with stub((200, {"id": PAGE}), (200, apps)) as api:
        assert all(finding.is_well for finding in meta.MESSENGER.check(account(api.url)))
    assert [call.path.partition("?")[0] for call in api.calls] == ["/v25.0/me", "/v25.0/me/subscribed_apps"]


def test_a_revoked_token_a_missing_subscription_and_an_unknown_app_are_findings():
    with stub((200, {"id": PAGE}), (200, {"data": []})) as api:
        assert [finding.is_well for finding in meta.MESSENGER.check(account(api.url))] == [True, False]
    with stub(otherwise=refusal(190, None, 401)) as api:
        findings = meta.MESSENGER.check(account(api.url, app_id=""))
    assert [finding.is_well for finding in findings] == [False, False, False]
    assert "said 190" in findings[0].text and "page-token" not in str(findings)


@pytest.mark.scenario("T-34")
@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "fbcdn.net.evil.example", "evil.example"])
def test_a_file_is_fetched_from_metas_hosts_only(host):
    with pytest.raises(DeliveryError) as refused:
        meta.MESSENGER.fetch(ACCOUNT, f"https://{host}/x.png")
    assert refused.value.is_permanent


def test_a_file_of_the_pretended_provider_is_fetched(settings):
    with stub(otherwise=(200, b"bytes")) as api:
        settings.INSIDE_HOSTS = [api.url.removeprefix("http://")]
        assert meta.MESSENGER.fetch(account(api.url), f"{api.url}/f/chair.png").content == b"bytes"
    assert "authorization" not in api.calls[0].headers


def test_sending_needs_no_network_to_be_refused():
    outgoing = Outgoing(Text("hi"), "messenger_user", MAYA, "ref-1")
    with pytest.raises(DeliveryError) as refused:
        meta.MESSENGER.send(account("http://127.0.0.1:1"), outgoing)
    assert refused.value.reason == "provider_down"
