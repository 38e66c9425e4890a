"""Do the adapters of Messenger and Instagram read whatever Meta sends?"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.registry import (
    Account,
    BadSignature,
    DeepLink,
    Echo,
    Edit,
    Inbound,
    Notice,
    Preference,
    Reaction,
    Receipt,
    Removal,
    Request,
)
from conversations.content import Location, Media, Text, Unsupported
from tests.channels_app import meta
from tests.channels_app.meta import ACCOUNT, HANDLE, INSTAGRAM, MAYA, MESSENGER, PAGE, read, read_all
from tests.channels_app.test_whatsapp import mutated

CODE = "K7Q2M9XW4R8T2ABC"
CDN, SHARED = "https://scontent.xx.fbcdn.net/v/photo.png", "A page\nhttps://x.org"


# --- messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "content", "text", "payload"),
    [
        (meta.message("hello"), Text("hello"), "hello", ""),
        (meta.message("Yes", quick_reply={"payload": "r:1:yes"}), Text("Yes"), "Yes", "r:1:yes"),
        (meta.item(postback={"title": "Start", "payload": "GO"}), Text("Start"), "Start", "GO"),
        (meta.attached("image", url=CDN), Media("image"), "", ""),
        (meta.attached("audio", url=CDN), Media("audio"), "", ""),
        (meta.attached("ig_reel", url=CDN, title="Sofa"), Media("video", filename="Sofa"), "", ""),
        (meta.attached("story_mention", url=CDN), Media("image", filename="story"), "", ""),
        (meta.attached("image", url=CDN, sticker_id=369239263222822), Text("👍"), "👍", ""),
        (meta.attached("like_heart"), Text("❤️"), "❤️", ""),
        (
            meta.attached("location", coordinates={"lat": 59.3, "long": 18.1}),
            Location(59.3, 18.1),
            "59.30000, 18.10000",
            "",
        ),
        (meta.attached("location", coordinates={"lat": 999, "long": 0}), Unsupported("location"), "", ""),
        (meta.attached("fallback", title="A page", url="https://x.org"), Text(SHARED), SHARED, ""),
        (meta.attached("ephemeral"), Unsupported("ephemeral"), "", ""),
        (meta.attached("image"), Unsupported("image"), "", ""),
        (meta.item(message={"mid": "m_1", "is_unsupported": True}), Unsupported("unsupported"), "", ""),
        (meta.item(message={"mid": "m_1", "text": 7.5}), Unsupported("empty message"), "", ""),
    ],
)  # fmt: skip
def test_each_kind_of_message_is_read(item, content, text, payload):
    found = read(item)
    assert isinstance(found, Inbound)
    assert (found.content, found.text, found.payload) == (content, text, payload)
    assert found.handles == (HANDLE,)


def test_words_and_all_files_of_a_message_come_together():
    files = [{"type": "image", "payload": {"url": CDN}}, {"type": "video", "payload": {"url": CDN + "2"}}]
    found = read(meta.message("look", attachments=files))
    assert found.content == Media("image", caption="look") and found.text == "look"
    assert [media["reference"] for media in found.media] == [CDN, CDN + "2"]


def test_every_item_of_every_entry_is_an_event_of_its_own():
    body = {"object": "page", "entry": [
        {"id": PAGE, "time": meta.AT, "messaging": [meta.message(mid="a"), meta.message(mid="b")]},
        {"id": "another", "time": meta.AT, "messaging": [meta.message(mid="c")]},
    ]}  # fmt: skip
    events = MESSENGER.verify(meta.request(body), [ACCOUNT]).events
    assert [(event.key, event.account) for event in events] == [("a", PAGE), ("b", PAGE), ("c", "another")]
    assert {(event.handle, event.kind) for event in events} == {(MAYA, "message")}


def test_the_time_is_metas_in_milliseconds():
    assert read(meta.message()).occurred_at == datetime(2026, 9, 21, 14, 13, 20, 123000, tzinfo=UTC)
    assert read(meta.message() | {"timestamp": 1_790_000_000}).occurred_at.second == 20


def test_an_answer_names_the_message_it_answers():
    assert read(meta.message(reply_to={"mid": "m_0"})).context == {"id": "m_0"}


@pytest.mark.parametrize(
    "item",
    [
        meta.item(referral={"ref": CODE, "source": "SHORTLINK"}),
        meta.item(postback={"title": "Get started", "payload": "GO", "referral": {"ref": CODE}}),
        meta.message(referral={"ref": CODE}),
    ],
)
def test_the_reference_of_a_link_is_the_one_time_code(item):
    found = read(item)
    assert found.code == CODE and found.referral["ref"] == CODE


def test_an_advertisement_is_where_somebody_came_from_and_no_code():
    found = read(meta.message(referral={"source": "ADS", "ad_id": "12", "ref": "SPRINGSALE"}))
    assert found.code == "" and found.referral["ad_id"] == "12"
    assert read(meta.item(referral={"source": "ADS", "ad_id": "12"})).kind == "referral"


# --- receipts, echoes and news about earlier messages -----------------------------------------------------------------


def test_a_delivery_names_its_messages():
    found = read_all(meta.item(delivery={"mids": ["m_8", "m_9"], "watermark": meta.AT}))
    assert [(one.external_id, one.status, one.watermark) for one in found] == [
        ("m_8", "delivered", False), ("m_9", "delivered", False),
    ]  # fmt: skip


@pytest.mark.parametrize(("subject", "status"), [("read", "read"), ("delivery", "delivered")])
def test_a_watermark_stands_for_all_until_then(subject, status):
    found = read(meta.item(**{subject: {"watermark": 1_780_000_000_000}}))
    assert isinstance(found, Receipt) and (found.status, found.watermark) == (status, True)
    assert found.occurred_at.year == 2026 and found.handles == (HANDLE,)


def test_instagram_names_the_last_message_that_was_read():
    named, before = read_all(meta.item(read={"mid": "m_9"}))
    assert (named.external_id, named.status, named.watermark) == ("m_9", "read", False)
    assert (before.status, before.watermark, before.occurred_at) == ("read", True, named.occurred_at)


def test_receipts_are_told_apart_from_messages_before_they_are_read():
    kinds = [event.kind for event in meta.events(meta.item(read={"watermark": 1}), meta.message())]
    assert kinds == ["status", "message"]


def test_our_own_echo_settles_the_delivery_that_it_names():
    (event,) = meta.events(meta.echo(app_id=int(meta.APP), metadata="throughline:ref-1"))
    (found,) = MESSENGER.parse(event.raw, ACCOUNT)
    assert event.kind == "status" and event.handle == MAYA
    assert (found.external_id, found.status, found.delivery_ref) == ("m_2", "sent", "ref-1")


@pytest.mark.parametrize("app_id", [{}, {"app_id": 26390203743090}])
def test_what_staff_or_another_app_wrote_is_shown(app_id):
    found = read(meta.echo(**app_id))
    assert isinstance(found, Echo) and found.content == Text("from the page")
    assert found.handles == (HANDLE,) and found.external_id == "m_2"


@pytest.mark.scenario("T-60")
def test_what_our_app_wrote_is_not_shown_again_nor_heard():
    assert read(meta.echo(app_id=int(meta.APP))).kind == "echo"


def test_without_our_apps_id_only_people_count_as_staff():
    account = Account("messenger-test", PAGE)
    assert read(meta.echo(app_id=1), account).kind == "echo"
    assert isinstance(read(meta.echo(), account), Echo)


def test_an_unsent_message_is_removed_under_a_key_of_its_own():
    said, gone = meta.events(meta.message(), meta.item(message={"mid": "m_1", "is_deleted": True}))
    assert said.key != gone.key
    (found,) = MESSENGER.parse(gone.raw, ACCOUNT)
    assert isinstance(found, Removal) and found.external_id == "m_1"


@pytest.mark.parametrize(
    ("reaction", "emoji"),
    [
        ({"action": "react", "emoji": "😍", "reaction": "other"}, "😍"),
        ({"action": "react", "reaction": "love"}, "❤"),
        ({"action": "unreact", "emoji": "😍"}, ""),
    ],
)
def test_a_reaction_is_put_to_a_message_or_taken_away(reaction, emoji):
    found = read(meta.item(reaction={"mid": "m_9"} | reaction))
    assert isinstance(found, Reaction) and (found.external_id, found.emoji) == ("m_9", emoji)


def test_an_edit_says_how_the_message_reads_now():
    found = read(meta.item(message_edit={"mid": "m_1", "text": "hello", "num_edit": 1}))
    assert isinstance(found, Edit) and (found.external_id, found.content) == ("m_1", Text("hello"))


def test_an_edit_without_words_changes_nothing():
    assert isinstance(read(meta.item(message_edit={"mid": "m_1", "num_edit": 0})), Notice)


# --- opt-ins ----------------------------------------------------------------------------------------------------------


def test_a_ticked_box_is_consent_of_somebody_who_has_no_id_yet():
    found = read(meta.item(sender={"user_ref": "box-1"}, optin={"ref": "x"}))
    assert isinstance(found, Preference) and (found.purpose, found.state) == ("marketing", "in")
    assert found.handles == (("messenger_user", PAGE, "user_ref:box-1", "provider", ""),)


def test_the_first_words_after_a_ticked_box_join_the_id_to_it():
    heard, agreed = read_all(meta.message(prior_message={"source": "checkbox_plugin", "identifier": "box-1"}))
    assert [handle[2] for handle in heard.handles] == [MAYA, "user_ref:box-1"]
    assert (agreed.purpose, agreed.state, agreed.handles) == ("marketing", "in", (HANDLE,))


def test_stopped_notifications_are_withdrawn_consent():
    optin = {"type": "notification_messages", "notification_messages_status": "STOP_NOTIFICATIONS", "title": "News"}
    found = read(meta.item(optin=optin))
    assert (found.purpose, found.state, found.evidence["title"]) == ("marketing", "out", "News")


# --- the door ---------------------------------------------------------------------------------------------------------


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize("adapter", [MESSENGER, INSTAGRAM])
def test_only_the_bytes_that_the_app_signed_are_taken(adapter):
    raw = json.dumps(meta.envelope(meta.message("Zoë 🪑"))).encode()
    assert adapter.verify(meta.request(raw), [ACCOUNT]).events
    again = json.dumps(json.loads(raw), ensure_ascii=False).encode()
    for forged in (
        meta.request(raw, "another secret"),
        Request(again, {b"x-hub-signature-256": meta.signature(raw).encode()}),
        Request(raw, {b"x-hub-signature": meta.signature(raw).encode()}),
        Request(raw),
    ):
        with pytest.raises(BadSignature):
            adapter.verify(forged, [ACCOUNT])


def test_the_secret_before_a_rotation_fits():
    rotated = Account("m", PAGE, {}, {"app_secret": "new", "app_secret_previous": meta.SECRET})
    assert MESSENGER.verify(meta.request(meta.envelope(meta.message())), [rotated]).events


def test_the_handshake_echoes_the_challenge_for_the_right_token_only():
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "v"}
    assert MESSENGER.handshake(query, [ACCOUNT]) == "42"
    assert MESSENGER.handshake(query | {"hub.verify_token": "w"}, [ACCOUNT]) is None


def test_an_instagram_body_is_not_read_as_a_page():
    body = meta.envelope(meta.message(), kind="instagram")
    assert [event.kind for event in MESSENGER.split(meta.request(body)).events] == ["other"]
    assert [event.kind for event in INSTAGRAM.split(meta.request(body)).events] == ["message"]


def test_a_conversation_that_another_app_holds_is_kept_and_not_answered():
    body = {"object": "page", "entry": [{"id": PAGE, "standby": [meta.message()]}]}
    assert [(event.kind, event.account) for event in MESSENGER.split(meta.request(body)).events] == [("other", PAGE)]


def test_the_links_carry_the_code():
    assert MESSENGER.link(ACCOUNT, "K7Q2") == DeepLink("https://m.me/nordic?ref=K7Q2")
    assert MESSENGER.link(Account("m", PAGE), "K7Q2") == DeepLink(f"https://m.me/{PAGE}?ref=K7Q2")
    assert INSTAGRAM.link(ACCOUNT, "K7Q2") == DeepLink("https://ig.me/m/nordic?ref=K7Q2")
    assert INSTAGRAM.link(Account("i", PAGE), "K7Q2") is None


# --- tolerance --------------------------------------------------------------------------------------------------------

EVERYTHING = meta.envelope(
    meta.message("hi", reply_to={"mid": "m_0"}, referral={"ref": "x"}),
    meta.attached("location", coordinates={"lat": 1, "long": 2}),
    meta.attached("image", url=CDN),
    meta.echo(metadata="throughline:x"),
    meta.item(read={"watermark": 1}),
    meta.item(delivery={"mids": ["m"], "watermark": 1}),
    meta.item(reaction={"mid": "m", "action": "react"}),
    meta.item(message_edit={"mid": "m", "text": "t"}),
    meta.item(optin={"ref": "abcd"}),
    meta.item(postback={"payload": "p"}),
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_mutated_body_never_raises(data):
    body = mutated(json.loads(json.dumps(EVERYTHING)), data)
    for event in MESSENGER.split(Request(json.dumps(body).encode())).events:
        assert event.key and event.handle and len(event.key) <= 255
        assert MESSENGER.parse(event.raw, ACCOUNT)


@settings(max_examples=100, deadline=None)
@given(raw=st.text(max_size=200))
def test_a_stored_event_of_any_text_is_read(raw):
    assert MESSENGER.parse(raw, ACCOUNT)
