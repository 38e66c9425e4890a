"""One connection to the gateway: hello, heartbeats, identify or resume, frames; and why it ended.

It never closes with 1000 or 1001, after which Discord would forget the session.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI, WebSocketException

from channels_app.gateway import endings
from channels_app.gateway.discord import LOCAL
from channels_app.gateway.endings import Ending
from common import plain_json

log = logging.getLogger(__name__)

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
INTENTS = 1 << 12 | 1 << 13 | 1 << 9 | 1 << 10  # direct messages and reactions; the same in servers
FRAME_MAX = 16 * 1024 * 1024  # bytes
HELLO_SECONDS = 20.0
OPEN_SECONDS = 10.0
CLOSE_SECONDS = 2.0
QUERY = "v=10&encoding=json"

Frame = Mapping[str, Any]


class Unreachable(Exception):
    """No connection was made."""


@dataclass
class Connection:
    """One websocket of one bot. `heard` takes each dispatch, `beaten` each sign of life; neither may take long."""

    token: str
    heard: Callable[[Frame], Awaitable[None]]
    beaten: Callable[[], Awaitable[None]]
    seq: int = 0
    session_id: str = ""
    is_acknowledged: bool = True
    ending: Ending | None = None
    socket: ClientConnection | None = field(default=None, repr=False)

    async def run(self, url: str) -> Ending:
        """Connects and stays until something ends it. `Unreachable` if there was no connection at all."""
        self.socket = socket = await _open(url)
        beating: asyncio.Task[None] | None = None
        try:
            hello = await self._hello(socket)
            if hello is None or self.ending is not None:
                return self.ending or endings.of(self.code_of_end)
            await self._introduce(socket)
            beating = asyncio.ensure_future(self._beat(socket, hello))
            await self._listen(socket)
        except ConnectionClosed:
            pass
        finally:
            if beating is not None:
                beating.cancel()
            await self._close(socket)
        return self.ending or endings.of(self.code_of_end)

    async def stop(self) -> None:
        """Ends it so that the session can be resumed by whoever comes next."""
        self.ending = Ending.STOPPED
        if self.socket is not None:
            await self._close(self.socket)

    async def _hello(self, socket: ClientConnection) -> float | None:
        """Seconds between heartbeats, None if nobody said hello."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                frame = _read(await socket.recv())
        except TimeoutError:
            return None
        data = frame.get("d") if frame.get("op") == HELLO else None
        interval = data.get("heartbeat_interval") if isinstance(data, dict) else None
        return max(interval / 1000, 0.05) if isinstance(interval, int | float) else None

    async def _introduce(self, socket: ClientConnection) -> None:
        if self.session_id:
            said: dict[str, Any] = {"token": self.token, "session_id": self.session_id, "seq": self.seq}
            await _send(socket, RESUME, said)
        else:
            properties = {"os": "linux", "browser": "throughline", "device": "throughline"}
            await _send(socket, IDENTIFY, {"token": self.token, "intents": INTENTS, "properties": properties})

    async def _beat(self, socket: ClientConnection, interval: float) -> None:
        """The first one at a random moment, so that not all bots of the world beat at once after an outage."""
        await asyncio.sleep(interval * random.random())
        try:
            while self.is_acknowledged:
                self.is_acknowledged = False
                await _send(socket, HEARTBEAT, self.seq or None)
                await asyncio.sleep(interval)
        except ConnectionClosed:
            return
        log.warning("the gateway does not answer heartbeats: connecting anew")
        await self._close(socket)

    async def _listen(self, socket: ClientConnection) -> None:
        async for message in socket:
            frame = _read(message)
            match frame.get("op"):
                case 0:
                    await self._dispatched(frame)
                case 1:
                    await _send(socket, HEARTBEAT, self.seq or None)
                case 7:
                    return
                case 9:
                    self.ending = Ending.RESUME if frame.get("d") is True else Ending.NEW
                    return
                case 11:
                    self.is_acknowledged = True
                    await self.beaten()
            if self.ending is not None:
                return

    async def _dispatched(self, frame: Frame) -> None:
        place = frame.get("s")
        if isinstance(place, int):
            self.seq = max(self.seq, place)
        await self.heard(frame)

    async def _close(self, socket: ClientConnection) -> None:
        try:
            async with asyncio.timeout(CLOSE_SECONDS + 1):
                await socket.close(endings.GOING_ON)
        except (WebSocketException, OSError, TimeoutError):
            pass

    @property
    def code_of_end(self) -> int | None:
        """The code that Discord closed with; ours says nothing."""
        if self.socket is None or self.socket.protocol.close_rcvd is None:
            return None
        return int(self.socket.protocol.close_rcvd.code)


async def _open(url: str) -> ClientConnection:
    whole = f"{url.rstrip('/')}/?{QUERY}" if "?" not in url else url
    try:
        return await connect(
            whole,
            max_size=FRAME_MAX,
            compression=None,
            ping_interval=None,
            open_timeout=OPEN_SECONDS,
            close_timeout=CLOSE_SECONDS,
            proxy=None if urlsplit(url).hostname in LOCAL else True,
        )
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI, WebSocketException) as error:
        raise Unreachable(type(error).__name__) from error


async def _send(socket: ClientConnection, op: int, data: Any) -> None:
    await socket.send(json.dumps({"op": op, "d": data}))


def _read(message: str | bytes) -> Frame:
    """A frame; what is none says nothing."""
    try:
        found = json.loads(message, parse_int=plain_json.whole)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
