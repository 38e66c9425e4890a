"""When does each screen show a message? Holds all sockets, sends the messages, and sees when they arrive.

One process, so there is one clock; it stands outside of what is measured. Lines of JSON: first who is there, then what
to do (`kind`, `rate`, `count`), each answered with one line.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from bench import bodies
from bench.shooter import request
from bench.sockets import Socket

MARK = re.compile(rb"mark(\d{7})")
ENVELOPE = b'{"v": 1, "stream"'
LATE = 25.0  # seconds that the last message may take: longer than the hub's poll, which finds what no hint told
TOGETHER = 20  # sockets that are opened at once


class Audience:
    """Everybody who looks, and what they have seen."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.agents: list[Socket] = []
        self.visits: list[Socket] = []
        self.ready: dict[Socket, int] = {}
        self.due: dict[int, float] = {}
        self.where: dict[int, Socket] = {}
        self.took: dict[int, float] = {}
        self.count = 0
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def enter(self) -> None:
        """Opens every socket and waits until each has what it asked for."""
        given = self.given
        for first in range(0, len(given["agents"]), TOGETHER):
            pairs = list(zip(given["agents"], given["visits"], strict=True))[first : first + TOGETHER]
            made = await asyncio.gather(*(self._pair(first + n, *pair) for n, pair in enumerate(pairs)))
            self.agents += [agent for agent, _ in made]
            self.visits += [visit for _, visit in made]
        deadline = time.monotonic() + 30
        while not all(self.ready.get(socket) for socket in (*self.agents, *self.visits)):
            if time.monotonic() > deadline:
                raise RuntimeError("not every socket became ready")
            await asyncio.sleep(0.05)

    async def _pair(self, number: int, agent: dict[str, Any], visit: dict[str, Any]) -> tuple[Socket, Socket]:
        if self.given["bare"]:
            opened = [await self.open(f"/{who}/{number}", {}) for who in ("agent", "visit")]
            self.ready |= dict.fromkeys(opened, 1)
            return opened[0], opened[1]
        desk = await self.open("/inbox/socket", {"Cookie": agent["cookie"]})
        for conversation in (agent["whatsapp"], agent["web"]):
            desk.send(json.dumps({"type": "subscribe", "conversation": conversation, "after": 0}).encode())
        widget = await self.open(f"/widget/{self.given['channel']}/socket", {})
        widget.send(json.dumps({"type": "hello", **visit}).encode())
        return desk, widget

    async def open(self, address: str, headers: dict[str, str]) -> Socket:
        origin = self.given["origin"]
        named = {"Host": origin.removeprefix("http://"), "Origin": origin, **headers}
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(
            lambda: Socket(address, named, self.hear), "127.0.0.1", self.given["port"]
        )
        await asyncio.wait_for(socket.opened, 20)
        return socket

    def hear(self, socket: Socket, frame: bytes) -> None:
        """A frame: the first with a message's mark, on the screen where it belongs, is its arrival."""
        if not frame.startswith(ENVELOPE):
            if b'"type": "subscribed"' in frame or b'"type": "ready"' in frame:
                self.ready[socket] = self.ready.get(socket, 0) + 1
            return
        for mark in MARK.findall(frame):
            number = int(mark)
            if self.where.get(number) is socket and number not in self.took:
                self.took[number] = (time.perf_counter() - self.due[number]) * 1000

    async def play(self, kind: str, rate: float, count: int) -> dict[str, Any]:
        """`count` messages, evenly at `rate` a second; each is timed from the moment it was due."""
        everybody = [*self.agents, *self.visits]
        before = [(socket.frames, socket.octets) for socket in everybody]
        self.took, began, tasks = {}, time.perf_counter(), []
        for n in range(count):
            due = began + n / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.count += 1
            tasks.append(asyncio.create_task(self._send(kind, n % len(self.agents), self.count, due)))
        await asyncio.gather(*tasks)
        deadline = time.monotonic() + LATE
        while len(self.took) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - began
        frames = sum(s.frames for s in everybody) - sum(f for f, _ in before)
        octets = sum(s.octets for s in everybody) - sum(o for _, o in before)
        closed = Counter(str(socket.code) for socket in everybody if not socket.is_open)
        return {
            "latencies": list(self.took.values()),
            "missing": count - len(self.took),
            "closed": closed,
            "seconds": seconds,
            "frames": frames,
            "octets": octets,
        }

    async def _send(self, kind: str, number: int, mark: int, due: float) -> None:
        self.due[mark] = due
        self.where[mark] = (self.agents if kind == "inbound" else self.visits)[number]
        await self.post(self._request(kind, number, f"mark{mark:07} where is my chair?"))

    async def post(self, raw: bytes) -> None:
        """One request over a connection that is kept; raises when it is refused."""
        reader, writer = await self.connection()
        writer.write(raw)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"{head[:60]!r} {body[:300]!r}")
        self.free.append((reader, writer))

    async def connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """One that nobody uses and that the server has not given up, else a new one."""
        while self.free:
            reader, writer = self.free.pop()
            if not reader.at_eof():
                return reader, writer
        return await asyncio.open_connection("127.0.0.1", self.given["port"])

    def _request(self, kind: str, number: int, text: str) -> bytes:
        """A provider's webhook, or an agent's form."""
        if self.given["bare"]:
            return request(f"/{'agent' if kind == 'inbound' else 'visit'}/{number}", text.encode(), "")
        agent = self.given["agents"][number]
        if kind == "inbound":
            return request(bodies.PATH, bodies.message(agent["phone"], text).encode(), bodies.SECRET)
        body = urlencode({"text": text, "client_id": str(uuid4())}).encode()
        headers = {
            "Host": self.given["origin"].removeprefix("http://"),
            "Origin": self.given["origin"],
            "Cookie": agent["cookie"],
            "X-CSRFToken": "x" * 32,
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        lines = [f"POST /inbox/c/{agent['web']}/reply HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def attend(line: Callable[[], str], kind: type[Audience] = Audience) -> None:
    """Plays what the lines ask for to an audience of this kind."""
    loop = asyncio.get_running_loop()
    audience = kind(json.loads(await loop.run_in_executor(None, line)))
    await audience.enter()
    print(json.dumps({"ready": len(audience.ready)}), flush=True)
    while asked := await loop.run_in_executor(None, line):
        print(json.dumps(await audience.play(**json.loads(asked))), flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(attend(sys.stdin.readline))
