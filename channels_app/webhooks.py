"""Is this webhook authentic, and is it stored? A bare ASGI door: verify raw bytes, split, group-commit, answer.

401 wrong signature · 413 too large · 400 no JSON · 405 · 404 no such app · 503 not stored, come again · 200 committed.
No middleware, no ORM and no Redis before the answer; `docs` of each status: section 9 of the channels page.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings

from channels_app import accounts, inbox_store, unsplit, wakeup
from channels_app.inbox import where
from channels_app.inbox_store import NotStored, Row
from channels_app.registry import Account, BadSignature, Malformed, Reply, Request, UnknownKind, adapter

log = logging.getLogger(__name__)

LARGE = 256 * 1024  # bytes: reading more than this would keep everybody else waiting, so it is done on a thread
SECONDS = 12.0  # for body and commit; a sender that trickles holds nothing for long, nor does a hanging database
RETRY_AFTER = b"5"  # seconds

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Refused(Exception):
    """The answer is this status."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.text = text


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """`/webhooks/<kind>/<app>`: a POST of events or the GET of the provider's handshake."""
    try:
        reply = await _answer(scope, receive)
        await _send(send, 200, reply.body, content_type=reply.content_type)
    except Refused as refusal:
        headers = [(b"retry-after", RETRY_AFTER)] if refusal.status == 503 else []
        await _send(send, refusal.status, refusal.text, headers)
    except NotStored:
        await _send(send, 503, "not stored, please send again", [(b"retry-after", RETRY_AFTER)])


async def startup() -> None:
    """Connects to the database before the first webhook."""
    await inbox_store.here().open()


async def shutdown() -> None:
    """Closes what `startup` and the first use opened."""
    await inbox_store.shutdown()
    await accounts.shutdown()
    await wakeup.shutdown()


async def _answer(scope: Scope, receive: Receive) -> Reply:
    app = await _app(scope["path"])
    if scope["method"] == "GET":
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        echo = app.adapter.handshake(query, app.accounts)
        if echo is None:
            raise Refused(403, "wrong verify token")
        return Reply(echo)
    if scope["method"] != "POST":
        raise Refused(405, "POST events here")
    rows: list[Row] = []
    try:
        async with asyncio.timeout(SECONDS):
            body = await _body(scope, receive, app.adapter.body_max)
            request = Request(body, dict(scope["headers"]), _url(scope))
            is_quick = len(body) < LARGE and not app.adapter.slow_to_read
            rows, reply = _read(app, request) if is_quick else await asyncio.to_thread(_read, app, request)
            await inbox_store.put(rows)
    except TimeoutError as error:
        raise Refused(503 if rows else 408, "this takes too long") from error
    wakeup.inbox()
    return reply


def _url(scope: Scope) -> str:
    """The public URL as the provider was told it: never what a Host header says."""
    query = scope["query_string"].decode("latin-1")
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
    return f"{settings.PUBLIC_URL}{path}{'?' if query else ''}{query}"


async def _app(path: str) -> accounts.App:
    parts = path.strip("/").split("/")
    if len(parts) != 3:
        raise Refused(404, "no such webhook")
    _, kind, key = parts
    try:
        found = await accounts.app(kind, key)
        adapter(kind)
    except UnknownKind:
        found = None
    if found is None:
        raise Refused(404, "no such webhook")
    return found


def _read(app: accounts.App, request: Request) -> tuple[list[Row], Reply]:
    """The call's rows, and its answer. What is authentic is stored, even if our own reading stumbles over it."""
    try:
        signers = _signers(app, request)
        try:
            envelope = app.adapter.opened(request, signers, app.accounts)
            return [inbox_store.row(*app.place(event)) for event in envelope.events], envelope.reply
        except (BadSignature, Malformed):
            raise
        except Exception as error:  # noqa: BLE001 -- the quarantine of an event
            reason = where(error)
            log.error("a webhook of %s is kept whole: %s", app.adapter.kind, reason)
            return [inbox_store.row(*app.place(unsplit.event(request, signers)), reason)], app.adapter.taken
    except BadSignature as error:
        raise Refused(401, "bad signature") from error
    except Malformed as error:
        raise Refused(400, "cannot be read") from error


def _signers(app: accounts.App, request: Request) -> Sequence[Account]:
    """Nothing of a stranger's is stored; where we cannot even tell who it is, the sender may come again."""
    try:
        return app.adapter.signers(request, app.accounts)
    except (BadSignature, Malformed):
        raise
    except Exception as error:
        log.error("a webhook of %s cannot be authenticated: %s", app.adapter.kind, where(error))
        raise Refused(503, "not stored, please send again") from error


async def _body(scope: Scope, receive: Receive, most: int) -> bytes:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 9 or int(length) > most:
        raise Refused(413, "too large")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "gone")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise Refused(413, "too large")
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send(
    send: Send,
    status: int,
    text: str,
    headers: list[tuple[bytes, bytes]] | None = None,
    content_type: str = "text/plain; charset=utf-8",
) -> None:
    body = text.encode("utf-8", "replace")
    named = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    named += [(b"x-content-type-options", b"nosniff"), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})
