"""How is the webhook door called in tests? As an ASGI server would, in a loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from channels_app import webhooks
from tests.channels_app import whatsapp

T = TypeVar("T")
Answer = tuple[int, bytes, dict[bytes, bytes]]
PATH = "/webhooks/whatsapp/demo"


async def call(
    body: bytes | list[bytes] = b"",
    *,
    method: str = "POST",
    path: str = PATH,
    query: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request; a list of chunks arrives piece by piece. (status, body, headers)"""
    chunks = body if isinstance(body, list) else [body]
    inbox = [{"type": "http.request", "body": one, "more_body": n < len(chunks)} for n, one in enumerate(chunks, 1)]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return inbox.pop(0) if inbox else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": named}
    await webhooks.door(scope, receive, send)
    return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


async def post(body: bytes, *, secret: str = whatsapp.SECRET, **more: Any) -> Answer:
    """A signed webhook."""
    return await call(body, headers={"X-Hub-Signature-256": whatsapp.signature(body, secret)}, **more)


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs a coroutine in a fresh loop and closes the door's connections behind it."""

    async def all_of_it() -> T:
        try:
            return await work()
        finally:
            await webhooks.shutdown()

    return asyncio.run(all_of_it())
