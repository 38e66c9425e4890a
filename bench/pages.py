"""What does a page cost when Django stands on threads behind the ASGI server, and what over Django's own ASGI?

Baseline: Django's own ASGI handler under the same server, with the same middleware, in the same run.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import psycopg

from bench.rig import Rig, percentile, rig, rounded, spent
from config import processes

CONNECTIONS = 8
WAYS = {"threads": "bench.bridges:threads", "asgi": "bench.bridges:django_asgi", "bare": "bench.bridges:bare"}
PATHS = {"no_op": "/livez", "one_query": "/readyz"}


def measure(count: int = 3000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: `count` GETs of a page without and of one with a query, each way."""
    with rig() as running:
        found = {way: _way(running, way, count) for way in WAYS}
    ours, theirs = found["threads"]["no_op"], found["asgi"]["no_op"]
    return {
        "figure": "pages of Django on threads behind the ASGI server",
        "value": round(ours["rate"]),
        "unit": "pages/s",
        "baseline": round(theirs["rate"]),
        "ratio": round(ours["rate"] / theirs["rate"], 2),
        "cpu_ms": round(ours["cpu_ms"], 3),
        "detail": found,
    }


def _way(running: Rig, way: str, count: int) -> dict[str, Any]:
    port = processes.free_port()
    running.serve(way, WAYS[way], port, ready="/livez")
    found = {}
    for name, path in PATHS.items():
        asyncio.run(shoot(port, path, min(count, 200)))
        before, connections = running.cpu(), _connections(running)
        shot = asyncio.run(shoot(port, path, count))
        taken = spent(before, running.cpu())
        per = {f"{program}_cpu_ms": taken[program] / count * 1000 for program in (way, "postgres")}
        opened = _connections(running) - connections - 1  # the one that asks is counted, too
        found[name] = rounded({**shot, **per, "cpu_ms": sum(per.values()), "opened_connections": opened})
    return found


async def shoot(port: int, path: str, count: int) -> dict[str, float]:
    """Sends `count` GETs over a few kept connections; rate in 1/s, latencies in ms."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    latencies: list[float] = []

    async def one(share: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(share):
            began = time.perf_counter()
            writer.write(request)
            await answer(reader)
            latencies.append((time.perf_counter() - began) * 1000)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one(count // CONNECTIONS) for _ in range(CONNECTIONS)))
    rate = len(latencies) / (time.perf_counter() - began)
    return {"rate": rate, "p50_ms": percentile(latencies, 0.5), "p99_ms": percentile(latencies, 0.99)}


async def answer(reader: asyncio.StreamReader) -> None:
    """Reads one 200, with a length or in chunks; raises on anything else."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(head.decode())
    if b"transfer-encoding: chunked" in head:
        await reader.readuntil(b"0\r\n\r\n")
        return
    await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))


def _connections(running: Rig) -> int:
    """How many sessions PostgreSQL has opened so far."""
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as link:
        link.execute("SELECT pg_stat_clear_snapshot()")
        row = link.execute("SELECT sum(sessions) FROM pg_stat_database WHERE datname IS NOT NULL").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
