"""Does the widget's socket let in whom it should, say what it should, and close when it must?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter

from channels_app import consumers, inbox_store, ingest, limits, vigil, wakeup
from channels_app.models import Channel, InboundEvent, Visit, WidgetKey
from common import clock
from conversations import hub, realtime
from conversations.models import Conversation
from tests.channels_app import storefront
from tests.channels_app.storefront import KEY, ORIGIN, Browser, login
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)
APPLICATION = URLRouter(consumers.websocket_urlpatterns)
Json = dict[str, Any]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Channel:
    monkeypatch.setattr(vigil, "SECONDS", 0.1)
    cast.sales()
    cast.library()
    return storefront.open_shop()


@pytest.fixture
async def loop_parts() -> AsyncIterator[None]:
    """What a process opens once and this test's loop must close."""
    yield
    await inbox_store.shutdown()
    await wakeup.shutdown()


class Socket:
    """A browser's socket, as the ASGI server gives it to the consumer; `close` codes are read like frames."""

    def __init__(self, origins: tuple[str, ...] = (ORIGIN,), query: str = "") -> None:
        headers = [(b"host", b"testserver"), *((b"origin", origin.encode()) for origin in origins)]
        scope = {"type": "websocket", "path": f"/widget/{KEY}/socket", "query_string": query.encode()}
        self.wire = ApplicationCommunicator(APPLICATION, {**scope, "headers": headers, "client": ("127.0.0.1", 1)})

    async def opens(self) -> bool:
        await self.wire.send_input({"type": "websocket.connect"})
        answer = await self.wire.receive_output(5)
        return bool(answer["type"] == "websocket.accept")

    async def hello(self, token: str, **after: int) -> Json:
        assert await self.opens()
        await self.says(type="hello", token=token, after=after)
        return await self.hears()

    async def says(self, **frame: Any) -> None:
        await self.wire.send_input({"type": "websocket.receive", "text": json.dumps(frame)})

    async def hears(self) -> Json:
        message = await self.wire.receive_output(5)
        if message["type"] == "websocket.close":
            return {"type": "close", "code": message.get("code")}
        found: Json = json.loads(message["text"])
        return found

    async def waits_for(self, kind: str) -> Json:
        while (frame := await self.hears())["type"] != kind:
            assert frame["type"] != "close", frame
        return frame

    async def hears_nothing(self) -> bool:
        return bool(await self.wire.receive_nothing(0.3))

    async def leaves(self) -> None:
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1001})
        await self.wire.wait(5)


@sync_to_async
def visit(**body: str) -> Browser:
    browser = Browser()
    browser.visit(**body)
    return browser


@sync_to_async
def drain() -> None:
    ingest.drain()


def test_origins_are_compared_as_a_whole() -> None:
    from channels_app import origins

    assert origins.exact("https://Shop.Example:443/path") == ORIGIN
    assert origins.exact("https://shop.example:8443") == "https://shop.example:8443"
    for none in ("null", "*", "https://*.shop.example", "shop.example", "javascript:alert(1)", "https://a@b"):
        assert origins.exact(none) == ""


@pytest.mark.scenario("T-12")
@pytest.mark.parametrize(
    "origins",
    [
        ("https://evil.example",),
        ("null",),
        (),
        (ORIGIN, "https://evil.example"),
        ("https://evil.example", ORIGIN),
        (ORIGIN, ORIGIN),
        ("http://shop.example",),
        ("https://shop.example:8443",),
        ("https://shop.example.evil.example",),
        ("https://www.shop.example",),
    ],
)
async def test_a_socket_from_another_origin_is_refused(shop: Channel, origins: tuple[str, ...]) -> None:
    assert not await Socket(origins).opens()


@pytest.mark.scenario("T-12")
async def test_a_socket_from_the_shop_or_from_our_own_frame_opens(shop: Channel) -> None:
    for origin in (ORIGIN, "http://testserver"):
        socket = Socket((origin,))
        assert await socket.opens()
        await socket.leaves()


async def test_a_message_is_acknowledged_after_its_commit_and_answered_live(shop: Channel, loop_parts: None) -> None:
    browser, socket, client_id = await visit(), Socket(), str(uuid4())
    ready = await socket.hello(browser.token)
    await socket.says(type="message", id=client_id, text="hi")
    assert await socket.hears() == {"type": "ack", "id": client_id}
    assert await InboundEvent.objects.acount() == 1
    await drain()
    frames = [await socket.waits_for("message") for _ in range(3)]
    assert [frame["seq"] for frame in frames] == [1, 2, 3]
    assert frames[0]["data"]["client_id"] == client_id and frames[0]["stream"] in ready["streams"]
    assert frames[2]["data"]["content"]["options"][0]["label"] == "Ergo task chair"
    await socket.leaves()


async def test_a_second_socket_begins_where_its_cursor_says(shop: Channel, loop_parts: None) -> None:
    browser = await visit()
    await sync_to_async(browser.say)("hi")
    await drain()
    (stream,) = (await sync_to_async(browser.visit)())["streams"]
    socket = Socket()
    await socket.hello(browser.token, **{stream: 2})
    assert (await socket.hears())["seq"] == 3
    assert await socket.hears_nothing()
    await socket.leaves()


@pytest.mark.scenario("T-16")
async def test_a_token_in_the_address_counts_for_nothing(shop: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "HELLO_SECONDS", 0.5)
    browser = await visit()
    socket = Socket(query=f"token={browser.token}")
    assert await socket.opens()
    await socket.says(type="message", id=str(uuid4()), text="hi")
    assert (await socket.hears())["code"] == "hello_first"
    assert await socket.hears() == {"type": "close", "code": 4401}


async def test_a_wrong_token_closes(shop: Channel) -> None:
    assert await Socket().hello("wrong") == {"type": "close", "code": 4401}


@pytest.mark.scenario("T-9", "ID-54")
@pytest.mark.parametrize("end", ["revoked", "expired", "ended", "disabled"])
async def test_who_loses_the_login_loses_the_socket(shop: Channel, end: str) -> None:
    browser, socket = await visit(jwt=login()), Socket()
    assert (await socket.hello(browser.token))["type"] == "ready"
    if end == "revoked":
        await WidgetKey.objects.aupdate(revoked_at=clock.now())
    elif end == "expired":
        await Visit.objects.aupdate(proven_until=clock.now())
    elif end == "ended":
        await Visit.objects.aupdate(ended_at=clock.now())
    else:
        await Channel.objects.aupdate(is_enabled=False)
    assert await socket.hears() == {"type": "close", "code": 4401}


@pytest.mark.scenario("T-14")
async def test_a_foreign_stream_cannot_be_followed(shop: Channel, loop_parts: None) -> None:
    maya, tom, socket = await visit(), await visit(), Socket()
    (foreign,) = (await sync_to_async(maya.visit)())["streams"]
    ready = await socket.hello(tom.token, **{foreign: 0})
    assert foreign not in ready["streams"]
    await socket.says(type="resync", after={foreign: 0, f"conversation:{1}": 0})
    assert (await socket.hears())["code"] == "frame_invalid"
    await sync_to_async(maya.say)("hi")
    await drain()
    assert await socket.hears_nothing()
    await socket.leaves()


async def test_a_flood_is_slowed_down_with_the_id_of_what_was_not_taken(shop: Channel, loop_parts: None) -> None:
    browser, socket = await visit(), Socket()
    await socket.hello(browser.token)
    ids = [str(uuid4()) for _ in range(int(limits.MESSAGES.burst) + 1)]
    for client_id in ids:
        await socket.says(type="message", id=client_id, text="hi")
    refusal = await socket.waits_for("error")
    assert (refusal["code"], refusal["id"]) == ("too_fast", ids[-1])
    assert refusal["retry_after"] > 0
    await socket.leaves()


async def answered(socket: Socket) -> None:
    """What was said before is done."""
    await socket.says(type="ping")
    await socket.waits_for("pong")


async def following(browser: storefront.Browser) -> Socket:
    """The browser's socket, once its hello is done and Redis is followed."""
    socket = Socket()
    await socket.hello(browser.token)
    await answered(socket)
    while not hub.here().is_connected:
        await answered(socket)
    return socket


async def test_typing_is_told_to_the_desk_and_comes_from_it(shop: Channel, loop_parts: None) -> None:
    browser = await visit()
    await sync_to_async(browser.say)("hi")
    await drain()
    conversation = await Conversation.objects.aget()
    heard: list[Json] = []

    async def desk(data: Json) -> None:
        heard.append(data)

    hub.here().listen(f"typing:{conversation.pk}", desk)
    socket = await following(browser)
    await socket.says(type="typing")
    await answered(socket)
    session = await conversation.sessions.aget()
    for where, name in ((str(uuid4()), "Tom"), (str(session.public_id), "Ana")):  # to another endpoint first
        data = {"what": "typing", "by": "agent", "name": name, "session": where}
        await sync_to_async(realtime.tell)(f"typing:{conversation.pk}", data)
    assert await socket.waits_for("typing") == {"type": "typing", "name": "Ana", "is_typing": True}
    assert heard[0] == {"conversation": str(conversation.public_id), "what": "typing", "by": "customer"}
    await socket.leaves()


@pytest.mark.scenario("T-15")
async def test_a_browser_that_does_not_read_is_told_to_begin_again_and_holds_no_memory() -> None:
    socket = consumers.WidgetSocket()
    socket.outgoing = asyncio.Queue(consumers.OUTGOING_MOST)
    for seq in range(consumers.OUTGOING_MOST + 1):
        socket.push("endpoint:1:web-shop", seq, "frame")
    assert socket.outgoing.qsize() == 1
    assert socket.outgoing.get_nowait() == '{"type": "resync"}'


@pytest.mark.scenario("T-15")
async def test_too_many_sockets_of_one_visit_are_sent_away(shop: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.SOCKETS_OF_VISIT, "most", 2)
    browser, sockets = await visit(), [Socket() for _ in range(3)]
    answers = [await socket.hello(browser.token) for socket in sockets]
    assert [answer["type"] for answer in answers] == ["ready", "ready", "close"]
    assert answers[2]["code"] == 1013
    await sockets[0].leaves()
    again = Socket()
    assert (await again.hello(browser.token))["type"] == "ready"
    await sockets[1].leaves()
    await again.leaves()


@pytest.mark.scenario("T-13")
@pytest.mark.parametrize(("text", "code"), [("no json", 1003), ("[]", 1003), ("x" * 40_000, 1009)])
async def test_garbage_closes_with_a_fixed_code(shop: Channel, text: str, code: int) -> None:
    socket = Socket()
    assert await socket.opens()
    await socket.wire.send_input({"type": "websocket.receive", "text": text})
    assert await socket.hears() == {"type": "close", "code": code}


@pytest.mark.scenario("T-13")
async def test_a_binary_frame_closes(shop: Channel) -> None:
    socket = Socket()
    assert await socket.opens()
    await socket.wire.send_input({"type": "websocket.receive", "bytes": b"\x00"})
    assert await socket.hears() == {"type": "close", "code": 1003}
