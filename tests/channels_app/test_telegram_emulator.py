"""Does the pretended Telegram behave like the real one: queues, retries, refusals, secrets, blocked people?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit, postman
from channels_app.sandbox.emulators import Said, Upload
from channels_app.sandbox.telegram_emulator import methods, objects, queues, updates
from channels_app.sandbox.telegram_emulator.rules import Refused
from common import clock
from tests.channels_app import pretended
from tests.channels_app.pretended import Post, write

pytestmark = pytest.mark.django_db
carried = pytest.mark.django_db(transaction=True)  # a letter's outcome is noted on a connection of its own
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture
def post() -> Iterator[Post]:
    """Letters to the webhook; nothing leaves by itself."""
    with pretended.posting() as carried:
        yield carried


@pytest.fixture
def bot(post: Post) -> Channel:
    """The demo's bot, whose webhook is a door."""
    return pretended.channel("http://testserver", webhook="http://door.example/webhooks/telegram/x")


@pytest.fixture
def maya(bot: Channel, post: Post) -> int:
    """Maya has written to the bot; her chat's id."""
    write(bot, text="hi")
    return int(objects.address(pretended.person()))


@pytest.fixture
def later() -> Iterator[Any]:
    """Moves the clock ahead."""
    yield lambda seconds: clock.shift_by(lambda: timedelta(seconds=seconds))
    clock.shift_by(timedelta)


def taken(letter: postman.Letter) -> tuple[int, str]:
    return 200, "ok"


def refused(letter: postman.Letter) -> tuple[int, str]:
    return 503, "later"


def call(client: Client, bot: Channel, method: str, body: Any) -> Any:
    """A call with a JSON body, or with these very bytes."""
    path = f"/sandbox/telegram/bot{bot.credentials['token']}/{method}"
    return client.post(path, body if isinstance(body, bytes) else json.dumps(body), content_type="application/json")


# --- refusals ---------------------------------------------------------------------------------------------------------

KEYBOARD = {"inline_keyboard": [[{"text": "A", "callback_data": "x" * 65}]]}
LINK = {"inline_keyboard": [[{"text": "A", "url": "ftp://a"}]]}


@pytest.mark.parametrize(
    ("method", "body", "code", "words"),
    [
        ("sendMessage", {"text": " "}, 400, "message text is empty"),
        ("sendMessage", {"text": "👍" * 2049}, 400, "message is too long"),
        ("sendPhoto", {"photo": "https://a.example/a.png", "caption": "👍" * 513}, 400, "caption is too long"),
        ("sendMessage", {"chat_id": 99, "text": "hi"}, 400, "chat not found"),
        ("sendMessage", {"chat_id": "", "text": "hi"}, 400, "chat_id is empty"),
        ("sendMessage", {"text": "a_b", "parse_mode": "Markdown"}, 400, "can't parse entities"),
        ("sendMessage", {"text": "<x>", "parse_mode": "HTML"}, 400, "Unsupported start tag"),
        ("sendMessage", {"text": "<b>", "parse_mode": "HTML"}, 400, "Can't find end tag"),
        ("sendMessage", {"text": "hi", "reply_markup": KEYBOARD}, 400, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "hi", "reply_markup": LINK}, 400, "Wrong HTTP URL"),
        ("sendMessage", {"text": "hi", "reply_markup": {"inline_keyboard": 3}}, 400, "can't parse reply keyboard"),
        ("sendMessage", {"text": "hi", "reply_markup": "{"}, 400, "can't parse a JSON"),
        ("sendMessage", {"text": "hi", "reply_parameters": {"message_id": 9}}, 400, "to be replied not found"),
        ("sendPhoto", {}, 400, "there is no photo"),
        ("sendLocation", {"latitude": 1}, 400, "can't parse location"),
        ("editMessageText", {"message_id": 999, "text": "x"}, 400, "message to edit not found"),
        ("editMessageText", {"message_id": 1, "text": "x"}, 400, "message can't be edited"),
        ("answerCallbackQuery", {"callback_query_id": "1"}, 400, "query is too old"),
        ("getFile", {"file_id": "nothing"}, 400, "invalid file_id"),
        ("sendChatAction", {"action": "flying"}, 400, "wrong parameter action"),
        ("setWebhook", {"url": "ftp://a"}, 400, "HTTPS URL"),
        ("setWebhook", {"url": "https://a.example", "secret_token": "a b"}, 400, "unallowed characters"),
        ("setMyCommands", {"commands": [{"command": "Nö"}]}, 400, "BOT_COMMAND_INVALID"),
        ("getUpdates", {}, 409, "webhook is active"),
        ("sendInvoice", {}, 404, "Not Found"),
        ("sendMessage", b"{", 400, "can't parse JSON"),
        ("sendMessage", b"null", 400, "can't parse JSON"),
        ("sendMessage", b"\xff", 400, "can't parse JSON"),
    ],
)
def test_what_telegram_refuses_is_refused_in_its_words(client, bot, maya, method, body, code, words):
    answer = call(client, bot, method, {"chat_id": maya} | body if isinstance(body, dict) else body)
    told = answer.json()
    assert (answer.status_code, told["error_code"], told["ok"]) == (code, code, False)
    assert words in told["description"]


@pytest.mark.parametrize("token", ["{account}:wrong", "1:x", "nonsense"])
def test_a_wrong_token_is_nobodys(client, bot, token):
    answer = client.get(f"/sandbox/telegram/bot{token.format(account=bot.account)}/getMe")
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")


def test_methods_take_any_case_and_any_form(client, bot, maya):
    path = f"/sandbox/telegram/bot{bot.credentials['token']}/sendmessage"
    assert client.get(path, {"chat_id": maya, "text": "1"}).json()["result"]["text"] == "1"
    keyboard = '{"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}'
    sent = client.post(path, {"chat_id": maya, "text": "[2]", "reply_markup": keyboard}).json()["result"]
    assert sent["text"] == "[2]" and sent["reply_markup"]["inline_keyboard"][0][0]["text"] == "A"


def test_too_many_requests_say_when_to_come_again(client, bot, maya):
    controls = kit.controls_of(bot.key)
    controls.failure = kit.TOO_MANY
    controls.save()
    answer = call(client, bot, "sendMessage", {"chat_id": maya, "text": "hi"})
    assert (answer.status_code, answer.json()["parameters"]) == (429, {"retry_after": 2})


def test_a_file_that_is_too_big_is_not_given(bot):
    row = kit.keep_file(bot, Upload(bytes(methods.FILE_MAX + 1), "video/mp4", "film.mp4"))
    with pytest.raises(Refused, match="file is too big"):
        methods.run(bot, "getFile", {"file_id": objects.file_id(row)}, {})


def test_a_group_that_became_a_supergroup_has_another_id(bot, maya):
    kit.remember(bot, "migrated:-77", -1001)
    with pytest.raises(Refused) as moved:
        methods.run(bot, "sendMessage", {"chat_id": -77, "text": "hi"}, {})
    assert moved.value.body()["parameters"] == {"migrate_to_chat_id": -1001}


def test_a_deep_link_opens_the_chat_on_the_phone(client, bot):
    answer = client.get(f"/sandbox/telegram/t.me/{bot.config['username']}?start=K7Q2M9XK7Q2M9X22")
    assert answer.status_code == 302 and "K7Q2M9XK7Q2M9X22" in answer["Location"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert client.get("/sandbox/telegram/t.me/nobody?start=1").status_code == 404


# --- updates on their way ---------------------------------------------------------------------------------------------


def test_an_update_carries_the_secret_and_goes_where_the_webhook_is(bot, post):
    write(bot, text="hi")
    (_, letter) = post.waiting[0]
    assert letter.headers["X-Telegram-Bot-Api-Secret-Token"] == bot.credentials["secret_token"]
    assert letter.url.startswith("http://door.example/") and json.loads(letter.body)["message"]["text"] == "hi"


@carried
def test_messages_of_a_chat_wait_for_each_other_and_taps_do_not_wait_for_them(bot, post):
    first, _ = write(bot, text="one"), write(bot, text="two")
    write(bot, "tap", message=first.external_id, option="x")
    write(bot, text="hi", who="tom")
    kinds = [sorted(json.loads(letter.body))[0] for _, letter in post.waiting]
    assert kinds == ["message", "callback_query", "message"]  # one; the tap; Tom's
    post.carry_one(taken)
    assert [json.loads(letter.body).get("message", {}).get("text") for _, letter in post.waiting][-1] == "two"
    assert queues.pending(bot) == 3


@carried
def test_a_refused_update_is_tried_at_once_then_after_2_4_8_seconds_and_blocks_its_queue(bot, post):
    write(bot, text="one")
    write(bot, text="two")
    waits = []
    for _ in range(4):
        post.carry_one(refused)
        waits.append(post.waiting[0][0])
    assert waits == [0.0, 2.0, 4.0, 8.0] and len(post.waiting) == 1
    assert post.carry(taken) == [(200, "ok"), (200, "ok")]


def test_the_pause_has_a_random_cap_and_an_answer_may_name_it():
    assert all(60 <= queues.pause(30, "") <= 120 for _ in range(20))
    assert (queues.pause(3, "30"), queues.pause(0, "99999")) == (30.0, 3600.0)


@carried
def test_a_refusal_is_said_in_the_webhooks_info(bot, post):
    write(bot, text="one")
    post.carry_one(refused)
    info = methods.run(bot, "getWebhookInfo", {}, {})
    assert info["pending_update_count"] == 1 and "503" in info["last_error_message"]


@carried
@pytest.mark.parametrize(("act", "life"), [("tap", 150), ("text", 86_400)])
def test_an_update_that_nobody_took_in_time_is_dropped(bot, post, later, act, life):
    row = write(bot, text="one")
    post.carry(taken)
    write(bot, act, "two", message=row.external_id, option="x")
    post.carry_one(refused)
    later(life + 5)
    post.carry_one(refused)
    assert post.waiting == [] and queues.pending(bot) == 0


@carried
def test_a_tap_is_answered_by_the_reply_to_its_webhook_but_not_after_150_seconds(bot, post, later):
    row = write(bot, text="one")
    write(bot, "tap", message=row.external_id, option="x")
    query = json.loads(post.waiting[1][1].body)["callback_query"]["id"]
    answer = json.dumps({"method": "answerCallbackQuery", "callback_query_id": query})
    post.carry(lambda letter: (200, answer))
    assert kit.recall(bot, f"tap:{query}")["is_answered"]
    later(151)
    with pytest.raises(Refused, match="query is too old"):
        methods.run(bot, "answerCallbackQuery", {"callback_query_id": query}, {})


def test_who_blocks_the_bot_is_told_of_and_cannot_be_written_to(bot, post):
    write(bot, text="hi")
    write(bot, "action", option="block")
    changes = [json.loads(letter.body).get("my_chat_member") for _, letter in post.waiting]
    assert changes[1]["new_chat_member"]["status"] == "kicked" and changes[1]["chat"]["type"] == "private"
    with pytest.raises(Refused, match="blocked by the user"):
        methods.run(bot, "sendMessage", {"chat_id": changes[1]["chat"]["id"], "text": "hi"}, {})
    write(bot, text="back")
    assert not kit.recall(bot, f"blocked:{changes[1]['chat']['id']}")


def test_a_reaction_comes_only_to_a_bot_that_names_it(bot, post, client):
    row = write(bot, text="hi")
    write(bot, "reaction", message=row.external_id, emoji="👍")
    assert "message_reaction" in json.loads(post.waiting[-1][1].body)
    path = f"/sandbox/telegram/bot{bot.credentials['token']}/setWebhook"
    client.post(path, {"url": "https://desk.example/", "allowed_updates": '["message"]'})
    write(bot, "reaction", message=row.external_id, emoji="")
    assert len(post.waiting) == 2


def test_files_places_and_cards_are_what_the_app_would_send(bot, post):
    person = pretended.person()
    parts = [
        updates._part(bot, person, Said("file", "look", file=Upload(PNG, "image/png", "a.png"))),
        updates._part(bot, person, Said("voice", file=Upload(b"o", "audio/ogg", "v.ogg"))),
        updates._part(bot, person, Said("location", latitude=1.0, longitude=2.0, title="Shop")),
        updates._part(bot, person, Said("contact")),
        updates._part(bot, person, Said("open", "K7Q2M9XK7Q2M9X22")),
    ]
    assert [sorted(part)[0] for part in parts] == ["caption", "voice", "location", "contact", "entities"]
    assert parts[3]["contact"]["user_id"] == int(objects.address(person))
    assert parts[4]["text"] == "/start K7Q2M9XK7Q2M9X22"


def test_a_message_is_a_bubble_with_its_keyboard_and_its_reactions(bot):
    row = objects.store(
        bot,
        objects.private_chat(pretended.person()),
        objects.bot(bot),
        {"text": "Well?", "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}},
    )
    kit.amend(row, reaction="👍")
    bubble = emulators.of(bot).bubble(row)
    assert (bubble.text, bubble.buttons[0].id, bubble.reactions, bubble.mine) == ("Well?", "y", ("👍",), False)
