"""How does the self-test use the shop's chat? As the widget does: a visit over HTTP, then the public socket."""

from __future__ import annotations

import json
import threading
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from config.selftest.report import until


class Browser:
    """One browser on the shop's page; `events` are all envelopes it has been given, in their order."""

    def __init__(self, base_url: str, channel: str, login: str = "") -> None:
        self.base_url = base_url
        self.channel = channel
        self.http = httpx.Client(base_url=f"{base_url}/widget/{channel}", timeout=10.0, trust_env=False)
        answer = self.http.post("/visit", json={"jwt": login} if login else {}, headers={"Origin": base_url})
        answer.raise_for_status()
        self.visit: dict[str, Any] = answer.json()
        self.events: list[dict[str, Any]] = list(self.visit["history"])
        self.seen = 0
        self.socket = self._connect()

    def close(self) -> None:
        self.socket.close()
        self.http.close()

    @property
    def card(self) -> dict[str, Any] | None:
        """The journey that the widget offers to go on with."""
        found: dict[str, Any] | None = self.visit["resume"]
        return found

    def says(self, text: str) -> None:
        self._send("message", text=text)

    def taps(self, label: str) -> None:
        """Taps an option of the newest message that has it."""
        for said in reversed(self.said()):
            for option in said["content"].get("options", ()):
                if option["label"] == label:
                    self._send("option", payload=option["payload"], text=label)
                    return
        raise AssertionError(f"there is no option {label!r}")

    def goes_on(self) -> None:
        """Presses the button of the resume card."""
        assert self.card is not None
        self._send("action", action="resume", run=self.card["run"])

    def gets(self, words: str) -> None:
        """Waits for a new message with these words."""
        until(lambda: any(words in text for text in self.texts()), f"the widget did not get {words!r}: {self.texts()}")

    def texts(self) -> list[str]:
        """What was said to the customer since their last word."""
        return [str(said["content"].get("text", "")) for said in self.said()[self.seen :]]

    def everything(self) -> str:
        """All words that this browser was ever given."""
        return json.dumps([self.visit, self.events])

    def said(self) -> list[dict[str, Any]]:
        """Every message that was not the customer's own."""
        messages = [event["data"] for event in list(self.events) if event["type"] == "message"]
        return [said for said in messages if said["author"] != "customer"]

    def _send(self, kind: str, **members: str) -> None:
        self.seen = len(self.said())
        self.socket.send(json.dumps({"type": kind, "id": str(uuid4()), **members}))

    def _connect(self) -> ClientConnection:
        url = f"{self.base_url.replace('http', 'ws', 1)}/widget/{self.channel}/socket"
        socket: ClientConnection = connect(url, origin=Origin(self.base_url), proxy=None)
        hello = {"type": "hello", "token": self.visit["token"], "after": self.visit["streams"]}
        socket.send(json.dumps(hello))
        threading.Thread(target=self._listen, args=(socket,), daemon=True).start()
        return socket

    def _listen(self, socket: ClientConnection) -> None:
        try:
            for raw in socket:
                frame = json.loads(raw)
                if "seq" in frame:
                    self.events.append(frame)
        except ConnectionClosed:
            return
