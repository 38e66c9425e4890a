"""Is a frame that is too long refused before it is read, and does everything that we want to hear fit?"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.main import main

from channels_app import protocol
from config import processes
from handover.inbox import requests

OPTIONS = main.make_context("uvicorn", processes.live("127.0.0.1", 0, {}).command[3:]).params
LIMIT = OPTIONS["ws_max_size"]
ID = "0b9f9e5c-8a4f-4f55-9d0e-000000000001"


async def counter(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers each frame with its length."""
    await send({"type": "websocket.accept"})
    while (frame := await receive())["type"] != "websocket.disconnect":
        if "text" in frame:
            await send({"type": "websocket.send", "text": str(len(frame["text"]))})


@pytest.fixture
def line() -> Iterator[socket.socket]:
    """An open socket to a server with the options of our live process."""
    listener = socket.create_server(("127.0.0.1", 0))
    wanted = {name: OPTIONS[name] for name in ("ws", "ws_max_size", "http", "loop", "ws_per_message_deflate")}
    server = uvicorn.Server(uvicorn.Config(counter, lifespan="off", log_level="critical", **wanted))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    with socket.create_connection(listener.getsockname(), timeout=5) as opened:
        opened.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert b" 101 " in opened.recv(4096)
        yield opened
    server.should_exit = True
    thread.join(10)


def header(length: int) -> bytes:
    """The beginning of a masked text frame; the mask is zero."""
    return b"\x81\xff" + length.to_bytes(8, "big") + bytes(4)


@pytest.mark.scenario("T-13")
def test_a_frame_is_refused_by_its_header(line: socket.socket) -> None:
    line.sendall(header(LIMIT + 1))
    opcode, _, code = line.recv(1), line.recv(1), int.from_bytes(line.recv(2), "big")
    assert (opcode, code) == (b"\x88", 1009)


def test_a_frame_of_the_longest_size_is_read(line: socket.socket) -> None:
    line.sendall(header(LIMIT) + b"x" * LIMIT)
    assert line.recv(64)[2:] == str(LIMIT).encode()


@pytest.mark.parametrize("character", ["x", "ü", "语", "🪑", "\x01", '"'])
def test_the_longest_message_of_a_customer_fits(character: str) -> None:
    text = character * protocol.TEXT_LIMIT
    frame = json.dumps({"type": "message", "id": ID, "text": text}, ensure_ascii=False)
    assert len(frame.encode()) < LIMIT


def test_no_more_is_read_than_the_widget_or_the_inbox_would_take() -> None:
    assert max(protocol.FRAME_LIMIT, requests.LONGEST) == LIMIT
