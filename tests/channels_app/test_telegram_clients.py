"""Is the pretended Telegram honest? Two clients that others wrote talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import telebot
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.types import ReplyParameters
from telebot import apihelper, types

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.models import SandboxControls
from channels_app.sandbox.telegram_emulator import objects
from common import clock
from tests.channels_app import pretended
from tests.channels_app.pretended import Post, write

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
KINDS = ("photo", "document", "audio", "video", "voice", "animation", "video_note", "sticker")


@pytest.fixture
def post() -> Iterator[Post]:
    """Letters to the webhook; nothing leaves by itself."""
    with pretended.posting() as carried:
        yield carried


@pytest.fixture
def channel(live_server: Any, post: Post) -> Channel:
    return pretended.channel(live_server.url)


@pytest.fixture
def bot(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> telebot.TeleBot:
    """pyTelegramBotAPI, to a bot that polls."""
    root = channel.config["base_url"]
    monkeypatch.setattr(apihelper, "API_URL", root + "/bot{0}/{1}")
    monkeypatch.setattr(apihelper, "FILE_URL", root + "/file/bot{0}/{1}")
    client = telebot.TeleBot(channel.credentials["token"], threaded=False)
    client.delete_webhook()
    return client


@pytest.fixture
def maya(channel: Channel) -> int:
    """Maya has written to the bot; her chat's id."""
    write(channel, text="hi")
    return int(objects.address(pretended.person()))


def test_a_client_reads_who_it_is_and_what_was_said(bot: telebot.TeleBot, channel: Channel) -> None:
    assert bot.get_me().is_bot and bot.get_me().username == channel.config["username"]
    write(channel, text="/help me")
    (update,) = bot.get_updates()
    assert update.message.text == "/help me" and update.message.entities[0].type == "bot_command"
    assert abs(update.message.date - clock.now().timestamp()) < 5  # seconds, not milliseconds
    assert bot.get_updates(offset=update.update_id + 1) == []


def test_a_client_sends_words_and_keyboards_and_changes_them(bot: telebot.TeleBot, maya: int) -> None:
    keyboard = types.InlineKeyboardMarkup().add(types.InlineKeyboardButton("Yes", callback_data="y"))
    sent = bot.send_message(maya, "<b>Is</b> it 2 &lt; 3?", parse_mode="HTML", reply_markup=keyboard)
    assert sent.text == "Is it 2 < 3?" and sent.entities[0].type == "bold"
    changed = bot.edit_message_text("Then no.", maya, sent.message_id)
    assert changed.text == "Then no." and changed.edit_date and changed.reply_markup is None
    assert bot.delete_message(maya, sent.message_id) is True


def test_a_client_uploads_a_file_of_each_kind_and_gets_it_back(bot: telebot.TeleBot, maya: int) -> None:
    for kind in KINDS:
        sent = getattr(bot, f"send_{kind}")(maya, PNG)
        found = getattr(sent, kind)
        file_id = found[-1].file_id if kind == "photo" else found.file_id
        info = bot.get_file(file_id)
        assert bot.download_file(info.file_path) == PNG and info.file_size == len(PNG)
        assert getattr(bot, f"send_{kind}")(maya, file_id).message_id > sent.message_id


def test_a_client_sends_places_cards_albums_and_courtesies(bot: telebot.TeleBot, maya: int) -> None:
    assert bot.send_location(maya, 59.3, 18.1).location.latitude == 59.3
    assert bot.send_venue(maya, 59.3, 18.1, "Shop", "Kungsgatan 1").venue.title == "Shop"
    assert bot.send_contact(maya, "+4670", "Maya").contact.phone_number == "+4670"
    album = bot.send_media_group(maya, [types.InputMediaPhoto(PNG), types.InputMediaPhoto(PNG, caption="two")])
    assert len({one.media_group_id for one in album}) == 1 and album[1].caption == "two"
    assert bot.send_chat_action(maya, "typing") is True
    assert bot.set_message_reaction(maya, album[0].message_id, [types.ReactionTypeEmoji("👍")]) is True
    assert bot.set_my_commands([types.BotCommand("help", "Help")]) and bot.get_my_commands()[0].command == "help"


def test_taps_and_edits_arrive_at_a_client(bot: telebot.TeleBot, channel: Channel, maya: int) -> None:
    keyboard = types.InlineKeyboardMarkup().add(types.InlineKeyboardButton("Yes", callback_data="y"))
    sent = bot.send_message(maya, "Well?", reply_markup=keyboard)
    write(channel, "tap", message=objects.external_id(channel, maya, sent.message_id), option="y")
    own = write(channel, text="helo")
    assert own is not None
    write(channel, "edit", "hello", message=own.external_id)
    _, tap, said, edited = bot.get_updates()
    assert tap.callback_query.data == "y" and tap.callback_query.message.text == "Well?"
    assert (said.message.text, edited.edited_message.text) == ("helo", "hello")
    assert bot.answer_callback_query(tap.callback_query.id) is True


def test_a_webhook_is_set_named_and_deleted(bot: telebot.TeleBot) -> None:
    assert bot.set_webhook("https://desk.example/hook", secret_token="s", allowed_updates=["message"]) is True
    info = bot.get_webhook_info()
    assert (info.url, info.allowed_updates, info.max_connections) == ("https://desk.example/hook", ["message"], 40)
    with pytest.raises(apihelper.ApiTelegramException) as refused:
        bot.get_updates()
    assert refused.value.error_code == 409
    assert bot.delete_webhook() is True and bot.get_webhook_info().url == ""


def test_a_client_is_refused_in_telegrams_words(bot: telebot.TeleBot, maya: int) -> None:
    with pytest.raises(apihelper.ApiTelegramException) as unknown:
        bot.send_invoice(maya, "a", "b", "c", "d", "EUR", [])
    with pytest.raises(apihelper.ApiTelegramException) as stranger:
        bot.send_message(99, "hi")
    assert (unknown.value.error_code, unknown.value.description) == (404, "Not Found")
    assert (stranger.value.error_code, stranger.value.description) == (400, "Bad Request: chat not found")


async def aiogram_talks(channel: Channel, chat: int) -> list[Any]:
    """Another client, with types of its own that are strict about every field."""
    server = TelegramAPIServer.from_base(channel.config["base_url"])
    async with Bot(channel.credentials["token"], session=AiohttpSession(api=server)) as bot:
        me, info = await bot.get_me(), await bot.get_webhook_info()
        sent = await bot.send_message(chat, "hello", reply_parameters=ReplyParameters(message_id=1))
        await bot.send_chat_action(chat, "typing")
        outcomes: list[Any] = [me.is_bot, info.pending_update_count, sent.reply_to_message]
        for failure in ("429", "403", "500"):
            await asyncio.to_thread(set_failure, channel, failure)
            with pytest.raises(TelegramAPIError) as refused:
                await bot.send_message(chat, "again")
            outcomes.append(refused.value)
        return outcomes


def set_failure(channel: Channel, failure: str) -> None:
    kit.controls_of(channel.key)
    SandboxControls.objects.filter(channel=channel.key).update(failure=failure, is_failure_once=True)


def test_another_client_understands_answers_and_refusals(channel: Channel, maya: int) -> None:
    is_bot, pending, quoted, slow, blocked, broken = asyncio.run(aiogram_talks(channel, maya))
    assert is_bot and pending >= 0 and quoted.text == "hi"
    assert slow.retry_after == 2 and isinstance(blocked, TelegramForbiddenError)
    assert type(broken).__name__ == "TelegramServerError"
