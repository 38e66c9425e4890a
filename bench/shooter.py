"""How fast does a server answer? Raw keep-alive connections, each with the next request as soon as it has its answer.

Reads JSON from stdin (`port, path, connections, bodies, rate`), prints JSON: seconds, statuses and latencies in ms.
`rate` in requests a second paces them evenly; 0 shoots as fast as answers come.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import time
from collections import Counter
from typing import Any


async def shoot(given: dict[str, Any]) -> dict[str, Any]:
    bodies = given["bodies"]
    requests = iter([request(given["path"], body.encode(), given["secret"]) for body in bodies])
    latencies: list[float] = []
    statuses: Counter[str] = Counter()
    began = time.perf_counter()
    paced = Pace(given["rate"], began)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", given["port"])
        for raw in requests:
            await paced.turn()
            start = time.perf_counter()
            writer.write(raw)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            latencies.append((time.perf_counter() - start) * 1000)
            statuses[head.split(b" ", 2)[1].decode()] += 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(given["connections"])))
    return {"seconds": time.perf_counter() - began, "statuses": statuses, "latencies": latencies}


class Pace:
    """Hands out the moments of an even rate."""

    def __init__(self, rate: float, began: float) -> None:
        self.every = 1 / rate if rate else 0.0
        self.next = began

    async def turn(self) -> None:
        if self.every:
            self.next += self.every
            await asyncio.sleep(max(0.0, self.next - time.perf_counter()))


def request(path: str, body: bytes, secret: str) -> bytes:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    head = f"POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}x-hub-signature-256: sha256={signature}\r\n\r\n".encode() + body


def main() -> None:
    import uvloop

    print(json.dumps(uvloop.run(shoot(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
