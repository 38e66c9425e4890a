"""What is the least that storing a webhook can cost? The same server, the body in a row, concurrent inserts batched.

No signature, no split, no seal, no dedup key: the baseline that the door is compared with.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import psycopg

BATCH = 200
INSERT = "INSERT INTO bare (body) SELECT unnest(%s::text[])"


class Writer:
    """One connection; what comes while a batch is written makes the next one."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, asyncio.Future[None]]] = []
        self.has_work = asyncio.Event()

    async def run(self) -> None:
        link = await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)
        await link.execute("CREATE TABLE IF NOT EXISTS bare (id bigserial PRIMARY KEY, body text NOT NULL)")
        while True:
            await self.has_work.wait()
            batch, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
            if not self.waiting:
                self.has_work.clear()
            await link.execute(INSERT, [[body for body, _ in batch]], prepare=True)
            for _, done in batch:
                done.set_result(None)


writer = Writer()
running: list[asyncio.Task[None]] = []


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        running.append(asyncio.create_task(writer.run()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["method"] == "POST":
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        writer.waiting.append((body.decode(), done))
        writer.has_work.set()
        await done
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
