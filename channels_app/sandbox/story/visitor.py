"""How does the story use the shop's chat? As its widget does where a socket is closed: over HTTP, from outside."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

SECONDS = 10.0


class Visitor:
    """One browser on the shop's page; `token` is what the page keeps, '' for a new one."""

    def __init__(self, site: str, channel: str, token: str = "") -> None:
        self.token = token
        base = f"{site.rstrip('/')}/widget/{channel}"
        self.http = httpx.Client(base_url=base, headers={"Origin": site}, timeout=SECONDS, trust_env=False)

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def visit(self) -> dict[str, Any]:
        """Opens the page, or comes back to it; keeps the token."""
        visit = self._post("visit", {"token": self.token} if self.token else {})
        self.token = str(visit.get("token") or self.token)
        return visit

    def said(self) -> list[dict[str, Any]]:
        """What was said to this visitor: contents, the oldest first."""
        found = [one["data"] for one in self.visit()["history"] if one["type"] == "message"]
        return [one["content"] for one in found if one["author"] != "customer"]

    def says(self, text: str) -> None:
        self._send("message", text=text)

    def taps(self, label: str) -> bool:
        """The newest option with this label; False if there is none."""
        options = [option for content in self.said() for option in content.get("options") or ()]
        found = next((option for option in reversed(options) if option["label"] == label), None)
        if found is not None:
            self._send("option", payload=found["payload"], text=label)
        return found is not None

    def returns(self) -> None:
        """Opens the page again and goes on with what it offers."""
        card = self.visit().get("resume")
        if card:
            self._send("action", action="resume", run=card["run"])

    def link_to(self, channel: str) -> str:
        """The link, or the words, that lead to another channel."""
        led = self._post("lead", {"to": channel})
        return f"{led['url']} {led['say']}"

    def _send(self, kind: str, **members: str) -> None:
        self._post("messages", {"type": kind, "id": str(uuid4()), **members})

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.http.post(f"/{path}", json=body, headers=headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
