"""Does the Telegram adapter read whatever Telegram sends?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from channels_app.registry import BadSignature, Edit, Inbound, Malformed, Notice, Reach, Reaction
from common import clock
from conversations.content import Location, Media, Text, Unsupported
from tests.channels_app import telegram
from tests.channels_app.telegram import ACCOUNT, FILE, GROUP, HANDLE, MAYA, PERSON, PRIVATE, SUPERGROUP, TAP, TELEGRAM

POINT = {"latitude": 59.3, "longitude": 18.1}

# --- the door ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given_secret", ["", "webhook-secret_2", "webhook-secret_1 "])
def test_without_the_secret_nothing_is_stored(given_secret):
    with pytest.raises(BadSignature):
        TELEGRAM.verify(telegram.request(telegram.update(), given_secret), [ACCOUNT])


def test_a_bot_without_a_secret_lets_nobody_in():
    open_account = replace(ACCOUNT, credentials={"token": telegram.TOKEN})
    with pytest.raises(BadSignature):
        TELEGRAM.verify(telegram.request(telegram.update(), ""), [open_account])


def test_while_a_secret_is_rotated_both_open():
    rotated = replace(ACCOUNT, credentials={"secret_token": "new", "secret_token_previous": telegram.SECRET})
    assert TELEGRAM.verify(telegram.request(telegram.update()), [rotated]).events
    assert TELEGRAM.verify(telegram.request(telegram.update(), "new"), [rotated]).events


def test_of_two_bots_at_one_address_the_secret_names_the_right_one():
    other = replace(ACCOUNT, account="88", credentials={"secret_token": "other"})
    (event,) = TELEGRAM.verify(telegram.request(telegram.update(), "other"), [ACCOUNT, other]).events
    assert event.account == "88"


def test_an_update_is_one_event_by_its_number_and_ordered_by_its_chat():
    (event,) = telegram.split(telegram.update(number=55)).events
    assert (event.key, event.handle, event.kind, event.account) == ("55", str(MAYA), "message", telegram.BOT)
    assert event.occurred_at == datetime.fromtimestamp(1_790_000_000, UTC)


def test_without_a_number_the_bytes_name_the_update():
    bare = {"message": telegram.message()}
    first, second = (telegram.split(body).events[0].key for body in (bare, {"message": telegram.message(text="2")}))
    assert first.startswith("u:") and first != second and first == telegram.split(bare).events[0].key


def test_a_tap_is_answered_in_the_reply_to_its_webhook():
    reply = telegram.split(telegram.update("callback_query", TAP)).reply
    assert json.loads(reply.body) == {"method": "answerCallbackQuery", "callback_query_id": "438"}
    assert reply.content_type == "application/json"
    assert telegram.split(telegram.update()).reply.body == "ok"


@pytest.mark.parametrize("kind", ["business_message", "channel_post", "poll", "inline_query", "something_of_2027"])
def test_what_is_not_for_us_is_kept_and_ignored(kind):
    (event,) = telegram.split(telegram.update(kind, {"id": "1", "from": PERSON, "chat": PRIVATE})).events
    assert event.kind == "other" and TELEGRAM.parse(event.raw, ACCOUNT)[0].kind == "unsupported"


def test_bytes_that_are_no_json_are_malformed():
    with pytest.raises(Malformed):
        TELEGRAM.verify(telegram.request(b"{"), [ACCOUNT])


# --- words and files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "content", "text"),
    [
        ({"text": "hello <b>"}, Text("hello <b>"), "hello <b>"),
        ({"text": "/help"}, Text("/help"), "/help"),
        ({"text": "/help@nordic_test_bot now"}, Text("/help now"), "/help now"),
        ({"location": POINT}, Location(59.3, 18.1), "59.30000, 18.10000"),
        (
            {"venue": {"location": POINT, "title": "Shop", "address": "Kungsgatan 1"}, "location": POINT},
            Location(59.3, 18.1, "Shop", "Kungsgatan 1"),
            "Shop",
        ),
        ({"web_app_data": {"data": "{1}", "button_text": "Order"}}, Text("Order"), "{1}"),
        ({"poll": {"id": "1"}}, Unsupported("poll"), ""),
        ({"dice": {"emoji": "🎲", "value": 3}}, Unsupported("dice"), ""),
        ({"location": {"latitude": 1000, "longitude": "x"}}, Unsupported("location"), ""),
        ({"text": None}, Unsupported("text"), ""),
    ],
)
def test_each_kind_of_message_is_read(part, content, text):
    found = telegram.said(**part)
    assert isinstance(found, Inbound) and (found.content, found.text) == (content, text)
    assert found.handles == (HANDLE,) and found.external_id == f"{MAYA}:81" and not found.is_public


@pytest.mark.parametrize(
    ("part", "kind", "media_type"),
    [
        ({"photo": [{"file_id": "small"}, FILE]}, "image", "image/jpeg"),
        ({"video": FILE}, "video", "video/mp4"),
        ({"voice": FILE | {"mime_type": "audio/ogg"}}, "audio", "audio/ogg"),
        ({"audio": FILE}, "audio", "audio/mpeg"),
        ({"video_note": FILE}, "video", "video/mp4"),
        ({"animation": FILE, "document": {"file_id": "other"}}, "video", "video/mp4"),
        ({"sticker": FILE | {"emoji": "🙂"}}, "image", "image/webp"),
        ({"sticker": FILE | {"is_video": True}}, "video", "video/webm"),
        ({"sticker": FILE | {"is_animated": True}}, "file", "application/x-tgsticker"),
        ({"document": FILE | {"file_name": "a.pdf", "mime_type": "application/pdf"}}, "file", "application/pdf"),
    ],
)
def test_each_kind_of_file_is_a_reference(part, kind, media_type):
    found = telegram.said(caption="look", **part)
    assert (found.content.kind, found.content.caption, found.text) == (kind, "look", "look")
    (media,) = found.media
    assert (media["reference"], media["media_type"], media["size"]) == ("BQ1", media_type, 5)


def test_a_stickers_emoji_is_what_it_says():
    assert telegram.said(sticker=FILE | {"emoji": "🙂"}).content == Media("image", caption="🙂", mime_type="image/webp")


def test_a_file_without_an_id_keeps_its_caption():
    found = telegram.said(photo=[{"width": 3}], caption="look")
    assert found.media == () and found.text == "look"


def test_an_album_and_an_answer_say_what_they_belong_to():
    found = telegram.said(photo=[FILE], media_group_id="135", reply_to_message=telegram.message())
    assert found.context == {"album": "135", "id": f"{MAYA}:81"}


# --- deep links and contacts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["/start K7Q2M9_-xK7Q2M9X", "/start@nordic_test_bot K7Q2M9_-xK7Q2M9X", " /start K7Q2M9_-xK7Q2M9X "]
)
def test_a_deep_links_code_is_cut_out(text):
    found = telegram.said(text=text)
    assert (found.code, found.text, found.content) == ("K7Q2M9_-xK7Q2M9X", "/start", Text("/start"))


@pytest.mark.parametrize("text", ["/start", "/start two words", "/start häß", "start K7Q2", "/starter K7Q2"])
def test_what_is_no_deep_link_has_no_code(text):
    assert telegram.said(text=text).code == ""


def test_the_short_word_of_an_advertisement_is_where_somebody_comes_from():
    found = telegram.said(text="/start spring")
    assert (found.code, found.text, found.referral) == ("", "/start spring", {"ref": "spring"})


@pytest.mark.scenario("ID-62")
def test_only_ones_own_card_proves_a_phone():
    card = {"phone_number": "46701740635", "first_name": "Maya"}
    own, others, bare = (
        telegram.said(contact=card | more).handles[1] for more in ({"user_id": MAYA}, {"user_id": 7}, {})
    )
    assert own == ("phone", "", "+46701740635", "provider", "")
    assert others[3] == bare[3] == "claimed"


def test_a_card_without_a_number_is_a_name():
    found = telegram.said(contact={"first_name": "Tom", "user_id": 7})
    assert found.content == Text("Tom") and found.handles == (HANDLE,)


# --- groups -----------------------------------------------------------------------------------------------------------


@pytest.mark.scenario("ID-64")
def test_in_a_group_the_author_speaks_and_everybody_listens():
    found = telegram.said(chat=SUPERGROUP, text="hi", message_thread_id=5, is_topic_message=True)
    assert found.handles == (HANDLE,) and found.is_public
    assert found.thread == {"chat": str(GROUP), "topic": "5"}


def test_an_old_groups_negative_id_is_enough_to_know_it():
    assert telegram.said(chat={"id": -77}, text="hi").is_public


@pytest.mark.parametrize(
    "part",
    [{"sender_chat": SUPERGROUP}, {"from": PERSON | {"is_bot": True}}, {"from": {}}, {"from": {"id": "²"}}],
)
def test_a_channel_a_bot_and_nobody_are_no_person(part):
    assert telegram.said(chat=SUPERGROUP, text="hi", **part) == Notice("nobody", datetime.fromtimestamp(1.79e9, UTC))


@pytest.mark.parametrize(
    "part", [{"migrate_to_chat_id": GROUP}, {"new_chat_members": [PERSON]}, {"pinned_message": {}}]
)
def test_what_a_group_says_of_itself_is_a_notice(part):
    assert telegram.said(chat=SUPERGROUP, **part).kind == next(iter(part))


def test_an_old_message_lacks_is_bot_and_a_saved_one_its_sender():
    old = {name: value for name, value in PERSON.items() if name != "is_bot"}
    assert telegram.said(**{"from": old}, text="hi").handles == (HANDLE,)
    bare = {name: value for name, value in telegram.message().items() if name != "from"}
    assert telegram.read(telegram.update("message", bare)).handles == (HANDLE,)


# --- what is about other messages -------------------------------------------------------------------------------------


def test_a_tap_is_the_buttons_words_and_its_payload():
    found = telegram.read(telegram.update("callback_query", TAP))
    assert (found.text, found.payload, found.content) == ("Change it", "r:1:change", Text("Change it"))
    assert found.external_id == "tap:438" and found.context == {"id": f"{MAYA}:81"} and found.handles == (HANDLE,)


def test_a_tap_happened_when_it_came_in_however_late_it_is_read(monkeypatch):
    (event,) = telegram.split(telegram.update("callback_query", TAP)).events
    assert abs((event.occurred_at - clock.now()).total_seconds()) < 60
    (first,), (second,) = (TELEGRAM.parse(event.raw, ACCOUNT) for _ in range(2))
    assert first.occurred_at == second.occurred_at == event.occurred_at


def test_a_tap_under_an_old_message_has_only_its_payload():
    old = TAP | {"message": {"chat": PRIVATE, "message_id": 5, "date": 0}}
    assert telegram.read(telegram.update("callback_query", old)).content == Text("r:1:change")
    assert telegram.read(telegram.update("callback_query", TAP | {"data": None})).kind == "tap"


def test_an_edit_names_its_message_and_reads_as_it_is_now():
    found = telegram.read(telegram.update("edited_message", telegram.message(text="hello", edit_date=1_790_000_060)))
    assert found == Edit(f"{MAYA}:81", Text("hello"), datetime.fromtimestamp(1_790_000_060, UTC), (HANDLE,))


@pytest.mark.parametrize(
    ("before", "now", "emoji"),
    [
        ([], [{"type": "emoji", "emoji": "👍"}], "👍"),
        (
            [{"type": "emoji", "emoji": "👍"}],
            [{"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "🔥"}],
            "🔥",
        ),
        ([{"type": "emoji", "emoji": "👍"}], [], ""),
        ([], [{"type": "paid"}], "⭐"),
        ([], [{"type": "custom_emoji", "custom_emoji_id": "53"}], "❔"),
    ],
)
def test_a_reaction_is_the_emoji_that_is_new(before, now, emoji):
    change = {"chat": PRIVATE, "message_id": 81, "user": PERSON, "date": 1_790_000_000}
    found = telegram.read(telegram.update("message_reaction", change | {"old_reaction": before, "new_reaction": now}))
    assert isinstance(found, Reaction) and (found.external_id, found.emoji) == (f"{MAYA}:81", emoji)


def test_an_anonymous_reaction_is_nobodys():
    change = {"chat": SUPERGROUP, "message_id": 81, "actor_chat": SUPERGROUP, "new_reaction": []}
    assert telegram.read(telegram.update("message_reaction", change)).kind == "message_reaction"


@pytest.mark.parametrize(("status", "is_reachable"), [("kicked", False), ("member", True)])
def test_blocking_the_bot_makes_a_person_unreachable(status, is_reachable):
    change = {"chat": PRIVATE, "from": PERSON, "date": 1_790_000_000, "new_chat_member": {"status": status}}
    found = telegram.read(telegram.update("my_chat_member", change))
    assert isinstance(found, Reach) and (found.is_reachable, found.handles) == (is_reachable, (HANDLE,))
    in_a_group = telegram.read(telegram.update("my_chat_member", change | {"chat": SUPERGROUP}))
    assert in_a_group.kind == "my_chat_member"
