"""Does the Telegram adapter say what is meant, and understand every refusal?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels_app.registry import DeliveryError, File, Outgoing, Signal
from common import clock
from conversations.content import Choice, Location, Media, Option, Template, Text
from tests.channels_app import telegram
from tests.channels_app.bots import TAKEN, bot_api, refusal, write
from tests.channels_app.telegram import GROUP, MAYA, TELEGRAM

NO_PREVIEW = {"link_preview_options": {"is_disabled": True}}
PNG = File(b"\x89PNG", "image/png", "chair.png")


def test_words_go_as_they_are_without_any_markup():
    method, fields, sent = write(Text("2 < 3 & _this_ *too*"))
    assert (method, fields) == ("sendMessage", {"chat_id": MAYA, "text": "2 < 3 & _this_ *too*"} | NO_PREVIEW)
    assert sent.external_id == f"{MAYA}:82"


def test_options_are_an_inline_keyboard():
    options = (Option("a", "Change the address", "r:1:a"), Option("b", "Keep it", "r:1:b"), Option("c", "No"))
    _, fields, _ = write(Choice("What now?", options, "buttons"))
    rows = fields["reply_markup"]["inline_keyboard"]
    assert rows[0] == [{"text": "Change the address", "callback_data": "r:1:a"}]
    assert [row[0]["callback_data"] for row in rows] == ["r:1:a", "r:1:b", "c"]


def test_short_options_stand_in_pairs():
    options = tuple(Option(str(n), f"{n} pm") for n in range(5))
    _, fields, _ = write(Choice("When?", options, "buttons"))
    assert [len(row) for row in fields["reply_markup"]["inline_keyboard"]] == [2, 2, 1]


def test_a_payload_never_exceeds_64_bytes():
    _, fields, _ = write(Choice("?", (Option("a", "A", "ä" * 40),), "buttons"))
    assert fields["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "ä" * 32


@pytest.mark.parametrize(
    ("reply_to", "is_quoted"),
    [(f"{MAYA}:81", True), (f"{GROUP}:81", False), ("tap:438", False), ("", False), ("81", False)],
)
def test_an_answer_quotes_a_message_of_its_own_chat_only(reply_to, is_quoted):
    _, fields, _ = write(Text("hi"), reply_to=reply_to)
    assert (fields.get("reply_parameters") is not None) is is_quoted
    if is_quoted:
        assert fields["reply_parameters"] == {"message_id": 81, "allow_sending_without_reply": True}


def test_an_answer_goes_to_the_chat_and_topic_that_was_written_in():
    _, fields, _ = write(Text("hi"), thread={"chat": str(GROUP), "topic": "5"})
    assert (fields["chat_id"], fields["message_thread_id"]) == (GROUP, 5)


@pytest.mark.parametrize(
    ("media", "file", "method", "field"),
    [
        (Media("image"), PNG, "sendPhoto", b"photo"),
        (Media("image"), replace(PNG, media_type="image/heic"), "sendDocument", b"document"),
        (Media("image"), replace(PNG, content=bytes(10 * 2**20 + 1)), "sendDocument", b"document"),
        (Media("image"), replace(PNG, media_type="image/gif"), "sendAnimation", b"animation"),
        (Media("audio"), File(b"o", "audio/ogg", "a.ogg"), "sendVoice", b"voice"),
        (Media("audio"), File(b"o", "audio/mpeg", "a.mp3"), "sendAudio", b"audio"),
        (Media("audio"), File(b"o", "audio/wav", "a.wav"), "sendDocument", b"document"),
        (Media("video"), File(b"o", "video/mp4", "a.mp4"), "sendVideo", b"video"),
        (Media("video"), File(b"o", "video/quicktime", "a.mov"), "sendDocument", b"document"),
        (Media("file", filename="terms.pdf"), File(b"%PDF", "application/pdf"), "sendDocument", b"document"),
    ],
)
def test_a_file_is_uploaded_by_the_method_of_its_kind(media, file, method, field):
    called, form, _ = write(replace(media, caption="<look>"), load=lambda: file)
    assert called == method and b'name="' + field + b'"; filename="' in form
    assert b"<look>" in form and file.content in form and str(MAYA).encode() in form


def test_a_form_carries_nested_values_as_json():
    _, form, _ = write(Media("image"), load=lambda: PNG, reply_to=f"{MAYA}:81")
    assert b'{"message_id":81,"allow_sending_without_reply":true}' in form


def test_without_bytes_the_link_is_sent():
    method, fields, _ = write(Media("image", url="https://desk.example/a.png", caption="look"))
    assert method == "sendPhoto" and fields["photo"] == "https://desk.example/a.png" and fields["caption"] == "look"


@pytest.mark.parametrize(
    ("place", "method"),
    [(Location(59.3, 18.1), "sendLocation"), (Location(59.3, 18.1, "Shop"), "sendVenue")],
)
def test_a_place_is_a_point_or_a_venue(place, method):
    called, fields, _ = write(place)
    assert called == method and (fields["latitude"], fields["longitude"]) == (59.3, 18.1)
    assert fields.get("address", "Shop") == "Shop"


@pytest.mark.parametrize(
    ("content", "more", "reason"),
    [
        (Template("order_update"), {}, "rejected"),
        (Media("image"), {}, "rejected"),
        (Text("hi"), {"namespace": "phone", "address": "+46"}, "unreachable"),
        (Text("hi"), {"address": "@maya"}, "unreachable"),
    ],
)
def test_what_cannot_be_said_is_not_sent(content, more, reason):
    with pytest.raises(DeliveryError) as failed:
        write(content, **more)
    assert failed.value.reason == reason


@pytest.mark.parametrize(
    ("answer", "reason", "wait"),
    [
        (refusal(429, "Too Many Requests: retry after 7", retry_after=7), "rate_limited", 7.0),
        (refusal(403, "Forbidden: bot was blocked by the user"), "unreachable", None),
        (refusal(403, "Forbidden: user is deactivated"), "unreachable", None),
        (refusal(403, "Forbidden: bot was kicked from the supergroup chat"), "unreachable", None),
        (refusal(400, "Bad Request: chat not found"), "unreachable", None),
        (refusal(400, "Bad Request: message is too long"), "rejected", None),
        (refusal(401, "Unauthorized"), "channel_down", None),
        (refusal(404, "Not Found"), "channel_down", None),
        (refusal(409, "Conflict: terminated by other getUpdates request"), "channel_down", None),
        (refusal(500, "Internal Server Error"), "provider_down", None),
        ((502, b"<html>"), "provider_down", None),
        ((200, b"<html>"), "lost", None),
        ((200, {"ok": True, "result": True}), "lost", None),
        ("lost", "lost", None),
    ],
)
def test_each_refusal_means_what_the_table_says(answer, reason, wait):
    with pytest.raises(DeliveryError) as failed:
        write(Text("hi"), answer)
    assert (failed.value.reason, failed.value.retry_after) == (reason, wait)
    assert telegram.TOKEN not in f"{failed.value.provider_text} {failed.value} {failed.value.__cause__}"


def test_where_nobody_listens_nothing_was_sent():
    account = replace(telegram.ACCOUNT, config={"base_url": "http://127.0.0.1:1"})
    with pytest.raises(DeliveryError) as failed:
        TELEGRAM.signal(account, Signal("typing", "telegram_user", str(MAYA)))
    assert failed.value.reason == "provider_down"


def test_a_group_that_moved_is_written_to_once_more_under_its_new_id():
    moved = refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=GROUP)
    with bot_api(moved, {"message_id": 4, "chat": {"id": GROUP}}) as api:
        out = Outgoing(Text("hi"), "telegram_user", str(MAYA), "ref-1")
        assert TELEGRAM.send(api.account, out).external_id == f"{GROUP}:4"
        assert [fields["chat_id"] for _, fields, _ in api.calls] == [MAYA, GROUP]


def test_a_group_that_moves_again_is_given_up():
    moved = refusal(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=GROUP)
    with pytest.raises(DeliveryError) as failed:
        write(Text("hi"), moved, moved, TAKEN)
    assert failed.value.reason == "rejected"


def test_typing_shows_and_reading_does_not():
    with bot_api(True) as api:
        TELEGRAM.signal(api.account, Signal("read", "telegram_user", str(MAYA), f"{MAYA}:81"))
        TELEGRAM.signal(api.account, Signal("typing", "telegram_user", str(MAYA)))
        assert [call[:2] for call in api.calls] == [("sendChatAction", {"chat_id": MAYA, "action": "typing"})]


# --- links and set-up -------------------------------------------------------------------------------------------------


def test_a_link_carries_the_code_into_the_chat():
    link = TELEGRAM.link(telegram.ACCOUNT, "K7Q2M9XK7Q2M9X22")
    assert link is not None and link.url == "https://t.me/nordic_test_bot?start=K7Q2M9XK7Q2M9X22"


@pytest.mark.parametrize("code", ["", "a b", "x" * 65, "ä"])
def test_a_code_that_telegram_would_not_carry_makes_no_link(code):
    assert TELEGRAM.link(telegram.ACCOUNT, code) is None


def test_a_bot_without_a_name_has_no_link():
    assert TELEGRAM.link(replace(telegram.ACCOUNT, config={}), "K7Q2M9XK7Q2M9X22") is None


ME = {"id": int(telegram.BOT), "is_bot": True, "username": telegram.USERNAME}
HOOK = {"url": "https://desk.example/webhooks/telegram/k3j9", "pending_update_count": 0, "allowed_updates": []}


def checked(me, hook):
    with bot_api(me, hook) as api:
        return TELEGRAM.check(api.account)


def test_connecting_sets_the_webhook_with_its_secret_and_the_updates_that_must_be_named():
    with bot_api(True, True, ME, HOOK) as api:
        TELEGRAM.connect(api.account, HOOK["url"])
        (_, hook, _), (_, commands, _) = api.calls[:2]
    assert (hook["url"], hook["secret_token"]) == (HOOK["url"], telegram.SECRET)
    assert {"message_reaction", "message_reaction_count", "chat_member", "callback_query"} <= set(
        hook["allowed_updates"]
    )
    assert {"start", "help"} <= {one["command"] for one in commands["commands"]}


def test_without_a_secret_nothing_is_connected():
    with bot_api() as api:
        (finding,) = TELEGRAM.connect(replace(api.account, credentials={"token": "1:a"}), "https://desk.example/")
        assert not finding.is_well and api.calls == []


def test_all_is_well_when_the_webhook_is_ours_and_nothing_waits():
    named = {"allowed_updates": ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"]}
    named["allowed_updates"] += ["message_reaction_count", "chat_member"]
    assert all(finding.is_well for finding in checked(ME, HOOK | named))


@pytest.mark.parametrize(
    ("me", "hook", "words"),
    [
        (ME | {"id": 9}, HOOK, "not of 7104226318"),
        (ME | {"username": "other"}, HOOK, "@other"),
        (ME, HOOK | {"url": ""}, "no address"),
        (ME, HOOK | {"url": "https://elsewhere.example/"}, "another address"),
        (ME, HOOK, "leaves out"),
        (ME, HOOK | {"pending_update_count": 500}, "500 updates wait"),
        (
            ME,
            HOOK | {"last_error_date": 0, "last_error_message": "Wrong response: 401", "pending_update_count": 3},
            "401",
        ),
        (refusal(401, "Unauthorized"), HOOK, "Unauthorized"),
    ],
)
def test_what_is_not_well_is_said(me, hook, words):
    if "last_error_date" in hook:
        hook = hook | {"last_error_date": int(clock.now().timestamp()) - 60}
    bad = [finding.text for finding in checked(me, hook) if not finding.is_well]
    assert any(words in text for text in bad)


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_comes_in_two_steps(settings):
    with bot_api({"file_path": "photos/file 1.jpg"}, b"JPEG") as api:
        settings.INSIDE_HOSTS = [f"127.0.0.1:{api.url.rpartition(':')[2]}"]
        found = TELEGRAM.fetch(api.account, "BQ1")
        assert api.calls[0][:2] == ("getFile", {"file_id": "BQ1"})
        assert api.paths[-1] == f"/file/bot{telegram.TOKEN}/photos/file%201.jpg"
    assert (found.content, found.name) == (b"JPEG", "file 1.jpg")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (refusal(400, "Bad Request: file is too big"), "rejected"),
        (refusal(502, "Bad Gateway"), "provider_down"),
        ({"file_id": "BQ1"}, "rejected"),
        ({"file_path": "a"}, "rejected"),  # this machine is no address that files may come from
    ],
)
def test_a_file_that_is_not_given_is_said_without_the_token(script, reason, settings):
    with bot_api(script) as api, pytest.raises(DeliveryError) as failed:
        settings.INSIDE_HOSTS = []
        TELEGRAM.fetch(api.account, "BQ1")
    assert failed.value.reason == reason
    assert telegram.TOKEN not in f"{failed.value.provider_text} {failed.value.__cause__}"
