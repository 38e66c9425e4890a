"""How does the self-test answer as an agent? Through the inbox's own pages and its socket."""

from __future__ import annotations

import json
import re
import threading
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from config.selftest.report import until

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Desk:
    """An agent with the inbox open; `frames` is everything that the socket has said."""

    def __init__(self, base_url: str, login: str, password: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(base_url=base_url, timeout=10.0, trust_env=False)
        self._log_in(login, password)
        self.frames: list[dict[str, Any]] = []
        self.conversation = ""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        url = f"{base_url.replace('http', 'ws', 1)}/inbox/socket"
        headers = {"Cookie": cookies}
        self.socket: ClientConnection = connect(url, origin=Origin(base_url), additional_headers=headers, proxy=None)
        threading.Thread(target=self._listen, daemon=True).start()
        until(lambda: self.frames, "the inbox's socket did not say hello")
        self.socket.send(json.dumps({"type": "heartbeat"}))
        until(lambda: any(frame["type"] == "beat" for frame in self.frames), "the heartbeat was not taken")

    def close(self) -> None:
        self.socket.close()
        self.http.close()

    def sees_row_of(self, words: str) -> None:
        """Waits until a row with these words came over the socket, and opens that conversation."""
        until(lambda: self._row(words), f"no row with {words!r} came to the inbox")
        self.conversation = self._row(words)
        self.socket.send(json.dumps({"type": "subscribe", "conversation": self.conversation, "after": 0}))
        until(lambda: self.items(), "the conversation's events did not come")

    def claims(self) -> None:
        self._post("claim")

    def replies(self, text: str) -> None:
        """Answers where the customer wrote last."""
        self._post("reply", text=text, client_id=str(uuid4()))

    def ends(self) -> None:
        self._post("close")

    def sees(self, words: str) -> None:
        """Waits for an item with these words in the open conversation."""
        until(lambda: any(words in item for item in self.items()), f"the inbox did not show {words!r}")

    def sees_state(self, state: str, words: str) -> None:
        """Waits until the bubble with these words says that it is `delivered`, `read` ..."""
        mark = f"delivery-{state}"
        until(
            lambda: any(words in item and mark in item for item in self.items()),
            f"the inbox did not show {words!r} as {state}",
        )

    def items(self) -> list[str]:
        """What the open conversation shows, as the markup that came over the socket."""
        stream = f"conversation:{self.conversation}"
        return [str(frame.get("html", "")) for frame in list(self.frames) if frame.get("stream") == stream]

    def _row(self, words: str) -> str:
        rows = [frame for frame in list(self.frames) if frame["type"] == "row" and words in frame.get("html", "")]
        return str(rows[-1]["data"]["id"]) if rows else ""

    def _log_in(self, login: str, password: str) -> None:
        found = TOKEN.search(self.http.get("/inbox/login").text)
        form = {"username": login, "password": password, "csrfmiddlewaretoken": found.group(1) if found else ""}
        answer = self.http.post("/inbox/login", data=form)
        if answer.status_code != 302:
            raise AssertionError(f"{login} could not log in")

    def _post(self, verb: str, **fields: str) -> None:
        headers = {"X-CSRFToken": self.http.cookies.get("throughline-csrf") or "", "Accept": "application/json"}
        answer = self.http.post(f"/inbox/c/{self.conversation}/{verb}", data=fields, headers=headers)
        if answer.status_code != 200:
            raise AssertionError(f"{verb} was answered {answer.status_code}: {answer.text[:300]}")

    def _listen(self) -> None:
        try:
            for raw in self.socket:
                self.frames.append(json.loads(raw))
        except ConnectionClosed:
            return
