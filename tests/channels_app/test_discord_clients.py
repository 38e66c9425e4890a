"""Is the pretended Discord a Discord to somebody who never heard of us? discord.py logs in, talks, taps and resumes."""

from __future__ import annotations

import asyncio
import io
import json
import warnings
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import yarl
from channels.db import database_sync_to_async
from websockets.sync.client import connect

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports `audioop`, to play sound
    import discord
    from discord import gateway, http

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.discord_emulator import objects, sessions
from channels_app.sandbox.emulators import Upload
from tests.channels_app import discord_site
from tests.channels_app.discord_site import maya, order, phone, write

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def bot(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    """A bot of the pretended Discord, to which discord.py is pointed by class attributes of its own."""
    with discord_site.site(settings):
        monkeypatch.setattr(http.Route, "BASE", f"{settings.PUBLIC_URL}/sandbox/discord")
        monkeypatch.setattr(gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(sessions.gateway_url()))
        yield discord_site.channel(interactions="gateway")


class Listener(discord.Client):
    """Notes what comes."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(dm_messages=True, dm_reactions=True), max_messages=100, guild_ready_timeout=0
        )
        self.heard: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def on_ready(self) -> None:
        await self.heard.put(("ready", None))

    async def on_resumed(self) -> None:
        await self.heard.put(("resumed", None))

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            await self.heard.put(("message", message))

    async def on_message_edit(self, before: discord.Message, after: discord.Message) -> None:
        await self.heard.put(("edit", after))

    async def on_message_delete(self, message: discord.Message) -> None:
        await self.heard.put(("delete", message))

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        await self.heard.put(("reaction", reaction.emoji))

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await self.heard.put(("interaction", interaction))

    async def next(self, kind: str) -> Any:
        """What comes next of this kind; nothing else may come before."""
        async with asyncio.timeout(10):
            found, what = await self.heard.get()
        assert found == kind
        return what


def talk(bot: Channel, story: Callable[[Listener], Awaitable[None]]) -> None:
    """Runs a story with a client that is logged in and connected."""

    async def all_of_it() -> None:
        client = Listener()
        async with client:
            token = (bot.credentials or {})["bot_token"]
            running = asyncio.create_task(client.start(token, reconnect=True))
            await client.next("ready")
            await story(client)
            await client.close()
            await running

    asyncio.run(all_of_it())


async def does(bot: Channel, act: str = "text", text: str = "", **more: Any) -> Any:
    return await database_sync_to_async(write)(bot, act, text, **more)


async def shown(bot: Channel) -> Any:
    return (await database_sync_to_async(phone)(bot))[-1]


def test_a_client_hears_answers_and_is_heard(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        await does(bot, text="hi")
        message = await client.next("message")
        assert isinstance(message.channel, discord.DMChannel) and message.content == "hi"
        assert str(message.author.id) == objects.address(maya()) and message.author.global_name == maya().name
        async with message.channel.typing():
            await message.reply("hello **Maya**")
        assert (await shown(bot))["referenced_message"]["content"] == "hi"

    talk(bot, story)


def test_a_client_sees_edits_reactions_and_deletions(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        row = await does(bot, text="one")
        await client.next("message")
        await does(bot, "edit", "two", message=row.external_id)
        assert (await client.next("edit")).content == "two"
        await does(bot, "reaction", message=row.external_id, emoji="🔥")
        assert str(await client.next("reaction")) == "🔥"
        await does(bot, "removal", message=row.external_id)
        assert (await client.next("delete")).id == int(row.external_id)

    talk(bot, story)


def test_a_client_reads_a_file_until_its_link_runs_out(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        await does(bot, "file", "look", file=Upload(b"\x89PNG-1", "image/png", "a b.png"))
        (file,) = (await client.next("message")).attachments
        assert (file.filename, file.size, await file.read()) == ("a b.png", 6, b"\x89PNG-1")
        await message_with(client, bot)

    talk(bot, story)


async def message_with(client: Listener, bot: Channel) -> None:
    """And sends one of its own."""
    user = await client.fetch_channel(int(await database_sync_to_async(objects.direct)(bot, objects.address(maya()))))
    assert isinstance(user, discord.DMChannel)
    sent = await user.send("yours", file=discord.File(io.BytesIO(b"bytes"), "b.txt"))
    assert sent.attachments[0].size == 5 and await sent.attachments[0].read() == b"bytes"


def test_buttons_and_lists_come_back_as_interactions(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        view = discord.ui.View()
        view.add_item(discord.ui.Button(label="Oak", custom_id="oak"))
        view.add_item(discord.ui.Select(custom_id="s", options=[discord.SelectOption(label="Red", value="red")]))
        await does(bot, text="hi")
        message = await client.next("message")
        sent = await message.channel.send("Which?", view=view)
        for option, values in (("oak", None), ("red", ["red"])):
            await does(bot, "tap", message=str(sent.id), option=option, title=option)
            interaction = await client.next("interaction")
            assert interaction.data.get("values") == values
            await interaction.response.defer()

    talk(bot, story)


def test_the_link_command_arrives_whole(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        await does(bot, "open", "ABCD2345")
        interaction = await client.next("interaction")
        assert interaction.data["options"][0]["value"] == "ABCD2345"
        await interaction.response.send_message("thanks", ephemeral=True)
        with pytest.raises(discord.NotFound):
            await client.http.request(
                http.Route("POST", f"/interactions/{interaction.id}/{interaction.token}/callback"), json={"type": 6}
            )

    talk(bot, story)


def test_a_client_resumes_after_a_broken_connection(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        await database_sync_to_async(order)(bot, "4000")
        await does(bot, text="meanwhile")
        kinds = {(await client.heard.get())[0] for _ in range(2)}
        assert kinds == {"resumed", "message"}
        assert await database_sync_to_async(kit.recall)(bot, "starts") == 1

    talk(bot, story)


def test_a_client_is_refused_as_discord_refuses(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        await does(bot, text="hi")
        channel = (await client.next("message")).channel
        with pytest.raises(discord.HTTPException) as caught:
            await channel.send("x" * 2001)
        assert caught.value.code == 50035 and "2000 or fewer" in str(caught.value)
        with pytest.raises(discord.HTTPException):
            await channel.send("")
        await does(bot, "action", option="block")
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("hello?")
        assert refused.value.code == 50007

    talk(bot, story)


def test_a_nonce_that_is_enforced_gives_the_message_of_before(bot: Channel) -> None:
    async def story(client: Listener) -> None:
        await does(bot, text="hi")
        place = (await client.next("message")).channel.id
        body = {"content": "once", "nonce": "n-1", "enforce_nonce": True}
        sent = [await client.http.request(send_to(place), json=body) for _ in range(2)]
        assert sent[0]["id"] == sent[1]["id"]
        assert len(await database_sync_to_async(phone)(bot)) == 1

    talk(bot, story)


def send_to(place: int) -> http.Route:
    return http.Route("POST", "/channels/{channel_id}/messages", channel_id=place)


def test_a_wrong_token_is_no_login(bot: Channel) -> None:
    async def log_in() -> None:
        async with Listener() as client:
            await client.login("guessed")

    with pytest.raises(discord.LoginFailure):
        asyncio.run(log_in())


@pytest.mark.parametrize(("code", "op"), [(1000, 9), (1001, 9), (4000, 0), (3000, 0)])
def test_only_a_goodbye_ends_the_session(bot: Channel, code: int, op: int) -> None:
    token = (bot.credentials or {})["bot_token"]
    with connect(sessions.gateway_url(), proxy=None) as socket:
        assert json.loads(socket.recv())["op"] == 10
        socket.send(json.dumps({"op": 2, "d": {"token": token, "intents": 1 << 12, "properties": {}}}))
        number = json.loads(socket.recv())["d"]["session_id"]
        socket.close(code)
    discord_site.until(lambda: is_left(bot, number))
    with connect(sessions.gateway_url(), proxy=None) as socket:
        socket.recv()
        socket.send(json.dumps({"op": 6, "d": {"token": token, "session_id": number, "seq": 1}}))
        assert json.loads(socket.recv())["op"] == op


def is_left(bot: Channel, number: str) -> bool:
    """Has the gateway noticed that the connection is gone?"""
    return "closed_with" in kit.recall(bot, f"session:{number}")
