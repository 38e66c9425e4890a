"""Does the Discord adapter read every dispatch of the gateway, spoilt ones included?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.gateway import frames
from channels_app.registry import Edit, Inbound, Notice, Reaction, Removal, Request
from conversations.content import Media, Text, Unsupported
from tests.channels_app import discords
from tests.channels_app.adapting import PAYLOADS
from tests.channels_app.discords import (
    ACCOUNT,
    APPLICATION,
    AUTHOR,
    DISCORD,
    GUILD,
    HANDLE,
    MAYA,
    MESSAGE,
    PLACE,
    dispatch,
    interaction,
    message,
    read,
    said,
)

CORPUS = sorted(PAYLOADS.glob("discord*/*.json"))
SERVER = {"guild_id": GUILD, "member": {"roles": []}}

# --- messages ---------------------------------------------------------------------------------------------------------


def test_a_direct_message_is_read_whole() -> None:
    parsed = said(content="Hello **there**")
    assert isinstance(parsed, Inbound) and parsed.content == Text("Hello **there**")
    assert parsed.handles == (HANDLE,) and parsed.external_id == MESSAGE and not parsed.is_public
    assert parsed.occurred_at == datetime(2026, 11, 20, 12, 0, 0, 123000, UTC)
    assert parsed.thread == {"channel_id": PLACE}


def test_a_message_is_known_by_its_id_and_ordered_by_its_author() -> None:
    (event,) = DISCORD.split(Request(json.dumps(dispatch("MESSAGE_CREATE", message())).encode())).events
    assert (event.key, event.handle, event.kind) == (MESSAGE, MAYA, "message")


def test_what_befalls_a_message_is_known_by_its_place_in_the_session() -> None:
    gone = dispatch("MESSAGE_DELETE", {"id": MESSAGE, "channel_id": PLACE}, s=12)
    (event,) = DISCORD.split(Request(json.dumps(gone).encode())).events
    assert event.key == "session-1:12"


@pytest.mark.parametrize(
    "members",
    [
        {"author": AUTHOR | {"bot": True}},
        {"author": AUTHOR | {"system": True}},
        {"author": {"id": APPLICATION, "username": "us"}},
        {"webhook_id": "5"},
        {"type": 7},
        {"type": 6},
        SERVER | {"content": ""},
    ],
)
@pytest.mark.scenario("T-60")
def test_bots_ourselves_and_news_are_not_followed(members: dict[str, Any]) -> None:
    assert isinstance(said(**members), Notice)


def test_what_is_said_to_us_in_a_server_is_public_and_without_our_name() -> None:
    parsed = said(**SERVER, content=f"<@{APPLICATION}> do you ship to Malmö?")
    assert parsed.is_public and parsed.text == "do you ship to Malmö?"
    assert parsed.thread == {"channel_id": PLACE, "guild_id": GUILD, "message_id": MESSAGE}


def test_files_come_with_their_words() -> None:
    url = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&is=2&hm=3"
    one = {"id": "2", "filename": "a.png", "url": url, "size": 9, "content_type": "image/png"}
    voice = one | {"filename": "v.ogg", "content_type": "audio/ogg; codecs=opus"}
    parsed = said(content="look", attachments=[one, voice])
    assert parsed.content == Media("image", caption="look", filename="a.png", mime_type="image/png")
    assert parsed.media[0] == {"reference": url, "media_type": "image/png", "name": "a.png", "size": 9}
    assert parsed.media[1]["media_type"] == "audio/ogg"


def test_a_sticker_is_a_picture_unless_it_moves_by_program() -> None:
    parsed = said(content="", sticker_items=[{"id": "749", "name": "Wave", "format_type": 1}])
    assert parsed.media[0]["reference"] == "https://cdn.discordapp.com/stickers/749.png"
    assert said(content="", sticker_items=[{"id": "749", "name": "Wave", "format_type": 3}]).content == Unsupported(
        "sticker"
    )


def test_a_forwarded_message_is_what_it_forwards() -> None:
    snapshot = {"message": {"content": "from elsewhere", "message_reference": {"type": 1}}}
    parsed = said(content="", message_reference={"type": 1, "message_id": "4"}, message_snapshots=[snapshot])
    assert parsed.text == "from elsewhere"


@pytest.mark.parametrize(
    ("members", "kind"), [({"poll": {"question": {}}}, "poll"), ({"embeds": [{}]}, "embed"), ({}, "message")]
)
def test_what_cannot_be_shown_is_a_placeholder(members: dict[str, Any], kind: str) -> None:
    assert said(content="", **members).content == Unsupported(kind)


def test_an_answer_names_what_it_answers() -> None:
    assert said(type=19, message_reference={"message_id": "44"}).context == {"id": "44"}


@pytest.mark.parametrize("words", ["link ABCD2345", "/link abcd-2345", "LINK: ABCD2345", "link ABCDEFGHJKLMNPQR"])
def test_a_code_in_a_direct_message_is_cut_out(words: str) -> None:
    parsed = said(content=words)
    assert parsed.code == words.split()[-1] and parsed.text == ""


@pytest.mark.parametrize("words", ["link please", "the link ABCD2345", "link", "link me to the shop 24"])
def test_words_about_links_stay_words(words: str) -> None:
    parsed = said(content=words)
    assert parsed.code == "" and parsed.text == words


def test_a_code_said_in_a_server_is_no_code() -> None:
    assert said(**SERVER, content="link ABCD2345").code == ""


# --- what befalls messages --------------------------------------------------------------------------------------------


def test_an_edit_is_what_the_message_reads_now() -> None:
    parsed = read(dispatch("MESSAGE_UPDATE", message(content="hello", edited_timestamp=discords.EDITED)))
    assert isinstance(parsed, Edit) and (parsed.external_id, parsed.content) == (MESSAGE, Text("hello"))
    assert parsed.handles == (HANDLE,) and parsed.occurred_at.minute == 5


def test_a_preview_that_comes_in_later_is_no_edit() -> None:
    assert isinstance(read(dispatch("MESSAGE_UPDATE", message(embeds=[{"type": "link"}]))), Notice)


def test_a_deletion_takes_the_message_back() -> None:
    parsed = read(dispatch("MESSAGE_DELETE", {"id": MESSAGE, "channel_id": PLACE}))
    assert isinstance(parsed, Removal) and parsed.external_id == MESSAGE


def test_many_deletions_at_once_are_many() -> None:
    body = dispatch("MESSAGE_DELETE_BULK", {"ids": ["1", "2", {}], "channel_id": PLACE, "guild_id": GUILD})
    (event,) = DISCORD.split(Request(json.dumps(body).encode())).events
    assert [one.external_id for one in DISCORD.parse(event.raw, ACCOUNT)] == ["1", "2"]


@pytest.mark.parametrize(
    ("kind", "emoji", "shown"),
    [
        ("MESSAGE_REACTION_ADD", {"id": None, "name": "🔥"}, "🔥"),
        ("MESSAGE_REACTION_ADD", {"id": "9", "name": "chair"}, ":chair:"),
        ("MESSAGE_REACTION_REMOVE", {"id": None, "name": "🔥"}, ""),
    ],
)
def test_a_reaction_is_put_and_taken_away(kind: str, emoji: dict[str, Any], shown: str) -> None:
    parsed = read(dispatch(kind, {"user_id": MAYA, "channel_id": PLACE, "message_id": MESSAGE, "emoji": emoji}))
    assert isinstance(parsed, Reaction) and (parsed.external_id, parsed.emoji) == (MESSAGE, shown)


def test_our_own_reaction_is_not_followed() -> None:
    own = {"user_id": APPLICATION, "channel_id": PLACE, "message_id": MESSAGE, "emoji": {"name": "🔥"}}
    assert isinstance(read(dispatch("MESSAGE_REACTION_ADD", own)), Notice)


# --- anything ---------------------------------------------------------------------------------------------------------

SEEDS = [
    dispatch(
        "MESSAGE_CREATE", message(attachments=[{"url": "https://x", "filename": "a"}], message_reference={"type": 1})
    ),
    dispatch("MESSAGE_UPDATE", message(edited_timestamp=discords.EDITED)),
    dispatch("MESSAGE_DELETE", {"id": MESSAGE, "channel_id": PLACE}),
    dispatch("MESSAGE_REACTION_ADD", {"user_id": MAYA, "channel_id": PLACE, "message_id": "1", "emoji": {"name": "x"}}),
    interaction(),
    interaction(2, {"name": "link", "options": [{"value": "x"}]}),
    interaction(5, {"components": [{"component": {"value": "x"}}]}),
]
JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}))


def all_of(raw: bytes) -> list[Any]:
    envelope = DISCORD.split(Request(raw))
    return [parsed for event in envelope.events for parsed in DISCORD.parse(event.raw, ACCOUNT)]


def spoil(draw: st.DataObject, value: Any) -> Any:
    """The value with some of its members replaced by junk."""
    if draw.draw(st.integers(0, 9)) == 0:
        return draw.draw(JUNK)
    if isinstance(value, dict):
        return {name: spoil(draw, one) for name, one in value.items()}
    return [spoil(draw, one) for one in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(SEEDS))
def test_a_spoilt_event_never_raises(draw: st.DataObject, seed: dict[str, Any]) -> None:
    for parsed in all_of(json.dumps(spoil(draw, seed)).encode()):
        assert parsed is not None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 400))
def test_a_stored_event_that_was_cut_off_is_unreadable_and_no_more(seed: dict[str, Any], cut: int) -> None:
    assert DISCORD.parse(json.dumps(seed)[:cut], ACCOUNT)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_corpus_is_read_or_called_unsupported(path: Any) -> None:
    raw = path.read_bytes()
    try:
        json.loads(raw)
    except ValueError:
        pytest.skip("no JSON")
    all_of(raw)


@settings(max_examples=100, deadline=None)
@given(st.data(), st.sampled_from(SEEDS))
def test_a_spoilt_frame_never_stops_the_gateway(draw: st.DataObject, seed: dict[str, Any]) -> None:
    frame = spoil(draw, seed if "t" in seed else dispatch("INTERACTION_CREATE", seed))
    taken = frames.take(1, frame if isinstance(frame, dict) else {}, "session-1")
    assert len(taken.heard) <= 1


@pytest.mark.parametrize("kind", ["READY", "TYPING_START", "GUILD_CREATE", "CHANNEL_CREATE", "PRESENCE_UPDATE"])
def test_what_nobody_follows_is_not_stored(kind: str) -> None:
    assert not frames.take(1, dispatch(kind, {"channel_id": PLACE, "user_id": MAYA}), "session-1").heard


def test_an_interaction_without_its_application_is_read_all_the_same() -> None:
    bare = {name: value for name, value in interaction().items() if name != "application_id"}
    assert read(bare).payload == "r:1:a"
