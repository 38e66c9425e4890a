"""How do Django's pages stand behind the ASGI server? On threads: each keeps its database connection.

A page is answered in one go, so the loop and the thread meet twice a request (docs/adr/0001 has the figures);
only what is long is handed over piece by piece.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.core.handlers.wsgi import WSGIHandler

Message = dict[str, Any]
Scope = Message
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

IN_MEMORY = 1_048_576  # bytes of a request's body; what is longer waits in a file
LONGEST_BODY = 33_554_432  # bytes; a longer one is refused with 413
IN_ONE_GO = 262_144  # bytes of an answer
MOST_WAITING = 256  # requests in hand, running and waiting; beyond it the answer is 503


class TooLong(Exception):
    """The request's body is longer than anything that we take."""


class Gone(Exception):
    """The client left before its request was complete."""


class Pages:
    """An ASGI application around Django's WSGI handler."""

    def __init__(self, handler: WSGIHandler, threads: int) -> None:
        self.handler = handler
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="pages")
        self.in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.in_hand >= MOST_WAITING:
            await refuse(send, 503, (b"retry-after", b"1"))
            return
        self.in_hand += 1
        try:
            with SpooledTemporaryFile(IN_MEMORY) as body:
                await read(receive, body)
                loop = asyncio.get_running_loop()
                for message in await loop.run_in_executor(self.threads, self.answer, scope, body, send, loop):
                    await send(message)
        except Gone:
            return
        except TooLong:
            await refuse(send, 413, (b"connection", b"close"))
        finally:
            self.in_hand -= 1

    def answer(self, scope: Scope, body: IO[bytes], send: Send, loop: asyncio.AbstractEventLoop) -> list[Message]:
        """On a thread: the messages of a short answer, or the last one of a long answer that was sent from here."""
        start: Message = {"type": "http.response.start"}

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            start["status"] = int(status[:3])
            start["headers"] = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
            return unused_writer

        response = self.handler(environ(scope, body), start_response)
        try:
            length = int(response.headers.get("Content-Length", IN_ONE_GO + 1))
            if not response.streaming or length <= IN_ONE_GO:
                return [start, {"type": "http.response.body", "body": b"".join(response)}]
            hand_over(start, send, loop)
            for chunk in response:
                hand_over({"type": "http.response.body", "body": chunk, "more_body": True}, send, loop)
            return [{"type": "http.response.body", "body": b""}]
        finally:
            response.close()


def unused_writer(piece: bytes) -> object:
    """PEP 3333 asks for it; Django never calls it."""
    raise NotImplementedError


def hand_over(message: Message, send: Send, loop: asyncio.AbstractEventLoop) -> None:
    """From a thread: sends, and waits until the server has taken it, so that memory stays flat."""
    asyncio.run_coroutine_threadsafe(send(message), loop).result()  # type: ignore[arg-type]  # a coroutine, in fact


async def read(receive: Receive, body: IO[bytes]) -> None:
    """The whole request body into `body`, rewound; raises `TooLong` or `Gone`."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body.write(message.get("body", b""))
        if body.tell() > LONGEST_BODY:
            raise TooLong
        more = message.get("more_body", False)
    body.seek(0)


def environ(scope: Scope, body: IO[bytes]) -> dict[str, Any]:
    """WSGI's description of the request. Text is bytes read as Latin-1, as PEP 3333 asks.

    A header whose name holds an underscore is left out: as `HTTP_X_FORWARDED_FOR` it could pose as another one.
    """
    body.seek(0, 2)
    size = body.tell()
    body.seek(0)
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    found = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        key = name if name == "CONTENT_TYPE" else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        glue = "; " if name == "COOKIE" else ","
        found[key] = f"{found[key]}{glue}{value}" if key in found else value
    found.pop("HTTP_CONTENT_LENGTH", None)
    return {**found, "CONTENT_LENGTH": str(size)}


async def refuse(send: Send, status: int, header: tuple[bytes, bytes]) -> None:
    """An answer without Django."""
    await send({"type": "http.response.start", "status": status, "headers": [header, (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
