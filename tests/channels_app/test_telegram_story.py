"""Does a conversation on Telegram work from end to end? Emulator, webhook door, inbox, turn, delivery, emulator."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from channels_app import delivery, fetching, ingest
from channels_app.models import Channel, InboundEvent
from channels_app.sandbox import postman
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.telegram_emulator import objects, queues
from common.files import File
from conversations import attachments, outbox, threads
from conversations.models import Attachment, Message
from customers.models import Identity
from tests.channels_app import doors, pretended
from tests.channels_app.pretended import Post, write
from tests.stories import cast

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post() -> Iterator[Post]:
    with pretended.posting() as carried:
        yield carried


@pytest.fixture
def bot(live_server: Any, post: Post) -> Channel:
    return pretended.channel(live_server.url)


def door(letter: postman.Letter) -> tuple[int, str]:
    """The real door, asked as Telegram's server would."""
    path = "/" + letter.url.split("/", 3)[3]
    status, body, _ = doors.run(lambda: doors.call(letter.body, path=path, headers=dict(letter.headers)))
    return status, body.decode()


def go_on(post: Post) -> None:
    """Whatever waits anywhere is carried, handled and sent."""
    assert all(status == 200 for status, _ in post.carry(door))
    ingest.drain()
    while delivery.send_due():
        pass


def phone(bot: Channel) -> list[dict[str, Any]]:
    """What the bot has written to Maya, as Telegram keeps it."""
    address = objects.address(pretended.person())
    rows = SandboxMessage.objects.filter(channel=bot.key, address=address, is_from_customer=False).order_by("pk")
    return [dict(row.body) for row in rows]


def shown(bot: Channel) -> dict[str, Any]:
    return phone(bot)[-1]


def tap(bot: Channel, post: Post, label: str) -> None:
    """Presses a button of the newest message."""
    body = shown(bot)
    buttons = [button for row in body["reply_markup"]["inline_keyboard"] for button in row]
    option = next(button["callback_data"] for button in buttons if button["text"] == label)
    message = objects.external_id(bot, body["chat"]["id"], body["message_id"])
    write(bot, "tap", message=message, option=option, title=label)
    go_on(post)


def test_a_journey_runs_on_telegram_with_words_and_taps(bot: Channel, post: Post) -> None:
    cast.sales()
    cast.library()
    write(bot, text="hi")
    go_on(post)
    tap(bot, post, "Mesh executive")
    assert "budget" in shown(bot)["text"]
    write(bot, text="400")
    go_on(post)
    assert "What matters most" in shown(bot)["text"]
    assert Identity.objects.get(namespace="telegram_user").proof == "provider"
    taps = [name for (name,) in Message.objects.filter(author="customer").values_list("external_id")]
    assert len(set(taps)) == 3


def picture(bot: Channel, album: str) -> None:
    """One picture of an album, as the app sends it."""
    person, upload = pretended.person(), Upload(b"\xff\xd8\xff", "image/jpeg", "a.jpg")
    part = objects.attached("photo", objects.kept(bot, upload), upload) | {"media_group_id": album}
    row = objects.store(bot, objects.private_chat(person), objects.user(person), part)
    queues.put(bot, "message", row.body, row)


def test_the_pictures_of_an_album_are_kept_and_answered_once(bot: Channel, post: Post) -> None:
    cast.sales()
    cast.library()
    for album in ("1", "1", "1", "2"):
        picture(bot, album)
    go_on(post)
    assert Message.objects.filter(author="customer", kind="media").count() == 4
    answers = Message.objects.exclude(author="customer").count()
    picture(bot, "2")
    go_on(post)
    assert answers >= 2 and Message.objects.exclude(author="customer").count() == answers


def test_an_update_that_comes_twice_is_one_message(bot: Channel, post: Post) -> None:
    write(bot, text="hello there")
    (_, letter) = post.waiting[0]
    assert door(letter) == door(letter) == (200, "ok")
    ingest.drain()
    assert Message.objects.filter(author="customer").count() == 1


def test_a_wrong_secret_stores_nothing(bot: Channel, post: Post) -> None:
    write(bot, text="hello there")
    (_, letter) = post.waiting[0]
    forged = postman.Letter(letter.url, letter.body, {**letter.headers, "X-Telegram-Bot-Api-Secret-Token": "guess"})
    assert door(forged)[0] == 401 and not InboundEvent.objects.exists()


def test_who_shares_their_card_is_answered_on_telegram_all_the_same(bot: Channel, post: Post) -> None:
    cast.sales()
    cast.library()
    write(bot, text="hi")
    go_on(post)
    write(bot, "contact")
    go_on(post)
    assert Identity.objects.filter(namespace="phone", proof="provider").exists()
    assert len(phone(bot)) >= 2


def test_who_blocks_the_bot_is_unreachable_until_they_come_back(bot: Channel, post: Post) -> None:
    write(bot, text="hello there")
    write(bot, "action", option="block")
    go_on(post)
    row = Identity.objects.get(namespace="telegram_user")
    assert row.unreachable_at is not None
    write(bot, "action", option="unblock")
    go_on(post)
    row.refresh_from_db()
    assert row.unreachable_at is None


def test_a_bot_is_connected_by_command(bot: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("connect_channel", bot.key)
    told = capsys.readouterr().out
    assert "Telegram posts to our webhook" in told and "FAIL" not in told
    with pytest.raises(CommandError):
        call_command("connect_channel", "nobody")


def hello(bot: Channel, post: Post) -> tuple[SandboxMessage, Message]:
    """Maya says hello, and it is here."""
    row = write(bot, text="helo")
    go_on(post)
    assert row is not None
    return row, Message.objects.get(author="customer")


def test_an_edit_and_a_reaction_reach_the_message(bot: Channel, post: Post) -> None:
    row, message = hello(bot, post)
    write(bot, "edit", "hello", message=row.external_id)
    write(bot, "reaction", message=row.external_id, emoji="👍")
    go_on(post)
    assert message.edits.get().content["text"] == "hello"
    assert message.reactions.get().emoji == "👍"
    write(bot, "reaction", message=row.external_id, emoji="")
    go_on(post)
    assert not message.reactions.exists()


def test_a_picture_comes_in_two_steps_and_is_kept(bot: Channel, post: Post, settings: Any) -> None:
    settings.INSIDE_HOSTS = [bot.config["base_url"].split("/")[2]]
    write(bot, "file", "look", file=Upload(PNG, "image/png", "chair.png"))
    go_on(post)
    fetching.fetch_due()
    kept = Attachment.objects.get()
    assert (kept.state, attachments.load(kept.public_id).content) == ("stored", PNG)


def test_an_agents_file_is_uploaded_with_its_words(bot: Channel, post: Post) -> None:
    _, message = hello(bot, post)
    session = message.session
    file = attachments.upload(file=File(PNG, "image/png", "a.png"), customer_id=session.customer_id, uploader="agent:1")
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        said = attachments.as_content(file, caption="This one")
        outbox.say(conversation=conversation, session=session, content=said, author="agent", agent_id=1)
    go_on(post)
    sent = shown(bot)
    kept = objects.file_of(bot, sent["photo"][-1]["file_id"])
    assert sent["caption"] == "This one" and kept is not None and bytes(kept.content) == PNG
