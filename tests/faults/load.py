"""Who writes to us, and what were they promised? Customers as a provider delivers them: signed, repeated until 200."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from dataclasses import dataclass, field

from tests.channels_app import providers, whatsapp

PATH = "/webhooks/whatsapp/demo"
WORDS = 8  # of one person: a journey that goes round and round is cut, rightly


def post(port: int, raw: bytes, timeout: float = 8.0) -> int:
    """One signed webhook; the status, or 0 when no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    headers = {"x-hub-signature-256": whatsapp.signature(raw), "content-type": "application/json"}
    try:
        connection.request("POST", PATH, raw, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@dataclass
class Phone:
    """A telephone that people use one after the other: each says `echo` and a word of their own, some times over.

    The next message is written only after the last one was acknowledged.
    """

    place: int
    port: int
    seed: int
    pause: float
    acknowledged: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # number -> (wamid, text)
    refused: int = 0

    def talk(self, over: threading.Event) -> None:
        dice = random.Random(self.seed)
        for count in itertools.count():
            number = f"467{self.place:03}{count // (2 * WORDS):05}"
            text = "echo" if count % 2 == 0 else f"word {number}-{count}"
            self._say(number, text, f"wamid.{number}.{count}", dice, over)
            if over.wait(dice.uniform(0.5, 1.5) * self.pause):
                return

    def _say(self, number: str, text: str, wamid: str, dice: random.Random, over: threading.Event) -> None:
        raw = whatsapp.body(whatsapp.value(whatsapp.message(text, sender=number, wamid=wamid)))
        while post(self.port, raw) != 200:
            self.refused += 1
            # What was never acknowledged was promised nothing; but it may have been stored.
            if over.wait(0.3):
                return
        self.acknowledged.setdefault(number, []).append((wamid, text))
        if dice.random() < 0.15:
            post(self.port, raw)


class Provider(providers.Graph):
    """Takes, refuses, cuts and forgets by the dice, and reports what it took, more than once and in any order."""

    def __init__(self, seed: int, port: int) -> None:
        super().__init__()
        self.dice = random.Random(seed)
        self.port = port
        self.silent: set[str] = set()  # accepted, the answer lost, and never reported either
        self.reports: list[tuple[float, bytes]] = []

    def next(self) -> object:
        with self.lock:
            self.requests += 1
            draw = self.dice.random()
        if draw < 0.05:
            return providers.error(131000, 503)
        if draw < 0.08:
            return "reset"
        if draw < 0.12:
            return "lost"
        return "slow:0.2" if draw < 0.14 else "slow:0.02"

    def accept(self, body: dict[str, object]) -> str:
        wamid = super().accept(body)
        with self.lock:
            # One in three is never reported on: an answer lost there stays unknown until an agent asks.
            if self.dice.random() < 0.67:
                for word in self.dice.sample(["sent", "delivered", "delivered"], k=2):
                    ref = str(body["biz_opaque_callback_data"])
                    report = whatsapp.status(wamid, word, ref=ref, recipient_id=str(body["to"]))
                    raw = whatsapp.body(whatsapp.value(statuses=(report,)))
                    self.reports.append((time.monotonic() + self.dice.uniform(0.0, 1.5), raw))
        return wamid

    def report(self, over: threading.Event) -> None:
        """Posts the receipts that are due, each until it is acknowledged."""
        while not over.wait(0.05):
            with self.lock:
                due = [raw for at, raw in self.reports if at <= time.monotonic()]
                self.reports = [(at, raw) for at, raw in self.reports if at > time.monotonic()]
            for raw in due:
                if post(self.port, raw) != 200:
                    with self.lock:
                        self.reports.append((time.monotonic() + 0.5, raw))

    def log(self) -> list[dict[str, str]]:
        """What was accepted, in order: our reference, the recipient, the words."""
        with self.lock:
            return [
                {"ref": body["biz_opaque_callback_data"], "to": body["to"], "text": providers.said(body)}
                for body in self.accepted
            ]


def as_json(phones: list[Phone], provider: Provider) -> dict[str, object]:
    """What the oracle needs to know of the outside."""
    acknowledged = {number: said for phone in phones for number, said in phone.acknowledged.items()}
    return json.loads(json.dumps({"acknowledged": acknowledged, "accepted": provider.log()}))  # type: ignore[no-any-return]  # json
