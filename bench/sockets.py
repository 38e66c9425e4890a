"""How does a bench hold hundreds of sockets and cost little? A client's end that only counts and looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Socket(asyncio.Protocol):
    """One open socket; every text frame goes to `hear`, with the socket."""

    def __init__(self, address: str, headers: dict[str, str], hear: Callable[[Socket, bytes], None]) -> None:
        lines = [f"GET {address} HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="] + [f"{name}: {headers[name]}" for name in headers]
        self.request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self.hear = hear
        self.rest = b""
        self.is_open = False
        self.code = 0  # with which the server closed
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames = self.octets = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self.transport.write(self.request)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_open = False
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(f"refused: {self.rest[:200]!r}"))

    def send(self, body: bytes, opcode: int = TEXT) -> None:
        """One masked frame; the mask is zero, for nobody is protected by it here."""
        length = len(body)
        size = bytes([0x80 | length]) if length < 126 else bytes([0x80 | 126]) + length.to_bytes(2, "big")
        self.transport.write(bytes([0x80 | opcode]) + size + bytes(4) + body)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if not self.is_open and not self._is_accepted():
            return
        place, whole = 0, self.rest
        while (found := _frame(whole, place)) is not None:
            opcode, body, place = found
            self._take(opcode, body)
        self.rest = whole[place:]

    def _is_accepted(self) -> bool:
        head, end, rest = self.rest.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head.split(b"\r\n")[0]:
            self.transport.close()
            return False
        self.rest, self.is_open = rest, True
        self.opened.set_result(None)
        return True

    def _take(self, opcode: int, body: bytes) -> None:
        if opcode == TEXT:
            self.frames += 1
            self.octets += len(body)
            self.hear(self, body)
        elif opcode == PING:
            self.send(body, PONG)
        elif opcode == CLOSE:
            self.is_open, self.code = False, int.from_bytes(body[:2], "big")
            self.transport.close()


def _frame(whole: bytes, place: int) -> tuple[int, bytes, int] | None:
    """Opcode and body of the frame that begins at `place`, and where the next one does; None if it is not whole."""
    if len(whole) < place + 2:
        return None
    length, start = whole[place + 1], place + 2
    if length >= 126:
        wide = 2 if length == 126 else 8
        length, start = int.from_bytes(whole[start : start + wide], "big"), start + wide
        if len(whole) < start:
            return None
    end = start + length
    return (whole[place] & 0x0F, whole[start:end], end) if len(whole) >= end else None
