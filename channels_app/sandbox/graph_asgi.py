"""Can the pretended Graph API run alone, light enough to measure with? A bare ASGI app; everything is in memory.

POST /<version>/<phone-number-id>/messages   as the real one, with any Bearer token
POST /knobs     {"latency_ms", "failure", "lost_every", "webhook_url", "app_secret", "phone_number_id", "waba_id"}
GET  /log       what was accepted: [{wamid, to, callback, at, body, lost}]; DELETE /log empties it
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from channels_app.sandbox import graph, payloads

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

KNOBS: dict[str, Any] = {
    "latency_ms": 0,
    "failure": "",
    "lost_every": 0,
    "webhook_url": "",
    "app_secret": "",
    "phone_number_id": "",
    "waba_id": "",
}
FAILURES = {"429": graph.TOO_MANY, "500": graph.BROKEN, "131047": graph.OUTSIDE_WINDOW, "131026": graph.UNDELIVERABLE}


class GraphApp:
    """One emulator: its knobs, what it has accepted, and the receipts it still has to post."""

    def __init__(self, **knobs: Any) -> None:
        self.knobs = {**KNOBS, **knobs}
        self.log: list[dict[str, Any]] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope["method"], scope["path"], scope, receive, send)

    async def _http(self, method: str, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path == "/knobs" and method == "POST":
            self.knobs.update(json.loads(await _body(receive)))
            await _json(send, 200, self.knobs)
        elif path == "/log":
            if method == "DELETE":
                self.log.clear()
            await _json(send, 200, self.log)
        elif path.endswith("/messages") and method == "POST":
            await self._messages(scope, await _body(receive), send)
        else:
            await _json(send, 200, {"id": path.rpartition("/")[2], "data": []})

    async def _messages(self, scope: Scope, raw: bytes, send: Send) -> None:
        if self.knobs["latency_ms"]:
            await asyncio.sleep(self.knobs["latency_ms"] / 1000)
        if refusal := self._refusal(scope, raw):
            await _json(send, refusal.status, refusal.body(), refusal.headers)
            return
        body = json.loads(raw)
        if body.get("status") == "read":
            await _json(send, 200, {"success": True})
            return
        to, callback = graph.address(body), body.get("biz_opaque_callback_data", "")
        entry = {"wamid": graph.new_wamid(to), "to": to, "callback": callback, "at": time.time(), "body": body}
        self.log.append(entry)
        every = int(self.knobs["lost_every"])
        entry["lost"] = bool(every) and len(self.log) % every == 0
        self._post_receipts(entry)
        if entry["lost"]:
            await _hang_up(send)
        else:
            await _json(send, 200, graph.accepted(body, entry["wamid"]))

    def _refusal(self, scope: Scope, raw: bytes) -> graph.Refusal | None:
        given = dict(scope["headers"]).get(b"authorization", b"").decode()
        if refusal := graph.check_token(given, given.removeprefix("Bearer ")):
            return refusal
        try:
            found = graph.check_send(json.loads(raw))
        except ValueError:
            found = graph.check_send(None)
        return found or FAILURES.get(str(self.knobs["failure"]))

    def _post_receipts(self, entry: dict[str, Any]) -> None:
        if self.knobs["webhook_url"]:
            task = asyncio.ensure_future(self._receipts(entry))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _receipts(self, entry: dict[str, Any]) -> None:
        number = payloads.Number(self.knobs["phone_number_id"], self.knobs["waba_id"])
        self.client = self.client or httpx.AsyncClient(timeout=10.0, trust_env=False)
        for state in ("sent", "delivered"):
            change = payloads.status(
                wamid=entry["wamid"],
                state=state,
                recipient=entry["to"],
                at=datetime.now(UTC),
                callback=entry["callback"],
                number=number,
            )
            raw = payloads.encode(payloads.envelope(number, change))
            headers = {payloads.SIGNATURE: payloads.sign(self.knobs["app_secret"], raw)}
            try:
                await self.client.post(self.knobs["webhook_url"], content=raw, headers=headers)
            except httpx.HTTPError:
                return

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self.client is not None:
            await self.client.aclose()
        await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _json(send: Send, status: int, body: Any, headers: tuple[tuple[str, str], ...] = ()) -> None:
    raw = json.dumps(body).encode()
    sent = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    sent += [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": raw})


async def _hang_up(send: Send) -> None:
    """Promises a body and does not give it: the server closes the connection, and the sender knows nothing."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"400")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


app = GraphApp()
