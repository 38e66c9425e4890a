"""What has each of many screens shown of each message, and how late? Every agent's own thread, and the rows of teams.

Each screen does what a page does: subscribes to its thread, names the rows it shows, beats, and says what it has read.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from typing import Any

from bench import bodies
from bench.audience import ENVELOPE, LATE, MARK, TOGETHER, Audience, attend
from bench.shooter import request
from bench.sockets import Socket

ROW = b'{"v": 1, "type": "row"'
NAMED = re.compile(rb'"id": "([0-9a-f-]{36})"')
SEQ = re.compile(rb'"seq": (\d+)')
BEAT = 25.0  # seconds, as `hello` says


class Onlookers(Audience):
    """Agents' screens; `shown` is the newest message that each has shown of each conversation that it may see."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(given)
        self.number: dict[Socket, int] = {}
        self.by_id = {agent["conversation"]: number for number, agent in enumerate(given["agents"])}
        self.thread: dict[int, list[int]] = {}  # marks in the order in which an agent's own thread showed them
        self.shown: dict[tuple[int, int], int] = {}  # (agent, conversation) -> newest mark in its row
        self.sent: dict[int, list[int]] = {}  # conversation -> marks
        self.thread_took: list[float] = []
        self.row_took: list[float] = []
        self.strangers = 0  # rows told to somebody who may not see them

    async def enter(self) -> None:
        """Opens every socket and waits until each has its thread."""
        numbers = range(len(self.given["agents"]))
        for first in range(0, len(numbers), TOGETHER):
            self.agents += await asyncio.gather(*map(self._screen, numbers[first : first + TOGETHER]))
        deadline = time.monotonic() + 60
        while len(self.ready) < len(self.agents):
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {len(self.ready)} of {len(self.agents)} sockets became ready")
            await asyncio.sleep(0.05)
        self.beating = asyncio.create_task(self._beat())

    async def _screen(self, number: int) -> Socket:
        agent = self.given["agents"][number]
        if self.given["bare"]:
            screen = await self.open(f"/agent/{number}", {})
            self.ready[screen] = 1
        else:
            screen = await self.open("/inbox/socket", {"Cookie": agent["cookie"]})
            tell(screen, type="subscribe", conversation=agent["conversation"], after=0)
            tell(screen, type="shown", ids=[self.given["agents"][one]["conversation"] for one in self._sees(number)])
        self.number[screen] = number
        return screen

    def _sees(self, number: int) -> list[int]:
        """The first page of what this agent may see."""
        return [one for one, agent in enumerate(self.given["agents"]) if number in agent["seen_by"]][:30]

    async def _beat(self) -> None:
        """Spread over the time between two beats, as people open their pages at any moment."""
        while not self.given["bare"]:
            for screen in self.agents:
                await asyncio.sleep(BEAT / len(self.agents))
                if screen.is_open:
                    tell(screen, type="heartbeat", input=True)

    def hear(self, socket: Socket, frame: bytes) -> None:
        """An envelope of the own thread, or a row."""
        if frame.startswith(ENVELOPE):
            self._hear_thread(socket, frame)
        elif frame.startswith(ROW):
            self._hear_row(socket, frame)
        elif b'"type": "subscribed"' in frame:
            self.ready[socket] = 1

    def _hear_thread(self, socket: Socket, frame: bytes) -> None:
        number = self.number[socket]
        for mark in dict.fromkeys(map(int, MARK.findall(frame))):
            self.thread.setdefault(number, []).append(mark)
            self.thread_took.append((time.perf_counter() - self.due[mark]) * 1000)
        if not self.given["bare"] and number in self.thread and (seq := SEQ.search(frame)):
            tell(socket, type="seen", conversation=self.given["agents"][number]["conversation"], seq=int(seq[1]))

    def _hear_row(self, socket: Socket, frame: bytes) -> None:
        found, number = MARK.search(frame), self.number[socket]
        if found is None:
            return
        mark = int(found[1])
        conversation = self._conversation_of(mark)
        if number not in self.given["agents"][conversation]["seen_by"] and not self.given["bare"]:
            self.strangers += 1
        if mark > self.shown.get((number, conversation), 0):  # a newer state stands for those before it
            before = self.shown.get((number, conversation), 0)
            fresh = [one for one in self.sent[conversation] if before < one <= mark]
            self.row_took += [(time.perf_counter() - self.due[one]) * 1000 for one in fresh]
            self.shown[number, conversation] = mark

    def _conversation_of(self, mark: int) -> int:
        return (mark - 1) % len(self.given["agents"])

    async def play(self, kind: str, rate: float, count: int) -> dict[str, Any]:
        """`count` messages, evenly at `rate` a second; each is timed from the moment it was due."""
        self.thread_took, self.row_took, self.sent = [], [], {}
        before = [(screen.frames, screen.octets) for screen in self.agents]
        began, first, tasks = time.perf_counter(), self.count, []
        for n in range(count):
            due = began + n / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.count += 1
            self.due[self.count] = due
            self.sent.setdefault(self._conversation_of(self.count), []).append(self.count)
            tasks.append(asyncio.create_task(self._write(self.count)))
        await asyncio.gather(*tasks)
        deadline = time.monotonic() + LATE
        while (lost := self._lost(first)) != (0, 0, 0) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        seconds = time.perf_counter() - began
        return {
            "thread": self.thread_took,
            "row": self.row_took,
            "lost": dict(zip(("threads", "rows", "disordered"), lost, strict=True)),
            "strangers": self.strangers,
            "closed": Counter(str(screen.code) for screen in self.agents if not screen.is_open),
            "seconds": seconds,
            "frames": sum(s.frames for s in self.agents) - sum(f for f, _ in before),
            "octets": sum(s.octets for s in self.agents) - sum(o for _, o in before),
        }

    def _lost(self, first: int) -> tuple[int, int, int]:
        """Messages that a thread lacks, rows that are not at their latest state, threads out of order or doubled."""
        threads = rows = disordered = 0
        for conversation, marks in self.sent.items():
            has = [mark for mark in self.thread.get(conversation, []) if mark > first]
            threads += len(set(marks) - set(has))
            disordered += has != sorted(set(has))
            rows += sum(self.shown.get((one, conversation), 0) < marks[-1] for one in self._viewers(conversation))
        return threads, rows, disordered

    def _viewers(self, conversation: int) -> list[int]:
        """Whose list has the row; the bare server tells as many, whoever they are."""
        viewers: list[int] = self.given["agents"][conversation]["seen_by"]
        agents = len(self.given["agents"])
        return [(conversation + n) % agents for n in range(len(viewers))] if self.given["bare"] else viewers

    async def _write(self, mark: int) -> None:
        number, text = self._conversation_of(mark), f"mark{mark:07} where is my chair?"
        agent = self.given["agents"][number]
        if self.given["bare"]:
            await self.post(request(f"/agent/{number}?rows={len(agent['seen_by'])}", text.encode(), ""))
        else:
            await self.post(request(bodies.PATH, bodies.message(agent["phone"], text).encode(), bodies.SECRET))


def tell(screen: Socket, **frame: Any) -> None:
    screen.send(json.dumps(frame).encode())


if __name__ == "__main__":
    import uvloop

    uvloop.run(attend(sys.stdin.readline, Onlookers))
