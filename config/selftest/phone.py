"""How does the self-test write on WhatsApp? As a guest on the sandbox's phone: real webhooks in, real sends out."""

from __future__ import annotations

import re
from typing import Any

import httpx

from config.selftest.report import until

TOKEN = re.compile(r'data-csrf="([^"]+)"')


class Phone:
    """The phone of one customer."""

    def __init__(self, base_url: str, number: str) -> None:
        self.person = f"guest-{number}"
        self.http = httpx.Client(base_url=base_url, timeout=10.0, trust_env=False)
        page = self.http.get("/sandbox/")
        page.raise_for_status()
        found = TOKEN.search(page.text)
        self.http.headers["X-CSRFToken"] = found.group(1) if found else ""
        self.seen = 0

    def close(self) -> None:
        self.http.close()

    def says(self, text: str) -> None:
        """Writes a text; what comes after it counts as the answer."""
        self.seen = len(self.received())
        self._post("say", text=text)

    def taps(self, label: str) -> None:
        """Taps a button of the newest message that has it."""
        for message in reversed(self.received()):
            for button in message["buttons"]:
                if button["title"] == label:
                    self.seen = len(self.received())
                    self._post("say", message=message["id"], option=button["id"])
                    return
        raise AssertionError(f"there is no button {label!r}")

    def gets(self, words: str, buttons: int = 0) -> None:
        """Waits for a new message with these words (and so many buttons), and reads it."""
        until(lambda: self._find(words, buttons), f"the phone did not get {words!r}; it got {self.texts()}")
        self.looks()

    def looks(self) -> None:
        """What was delivered is read."""
        self._post("look")

    def received(self) -> list[dict[str, Any]]:
        """The business's messages, the oldest first."""
        return [message for message in self._feed()["messages"] if not message["mine"]]

    def texts(self) -> list[str]:
        """What came since the last word of the customer."""
        return [str(message["text"]) for message in self.received()[self.seen :]]

    def has_read_all(self) -> bool:
        """Looks at the phone: did everything from the business arrive, and is it read?"""
        self.looks()
        return all(message["state"] == "read" for message in self.received())

    def _find(self, words: str, buttons: int) -> bool:
        new = self.received()[self.seen :]
        return any(words in message["text"] and len(message["buttons"]) == buttons for message in new)

    def _feed(self) -> dict[str, Any]:
        # No exchange is asked for: the inspector's cursor is set beyond them all.
        answer = self.http.get("/sandbox/feed", params={"person": self.person, "after": str(2**53)})
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _post(self, path: str, **body: str) -> None:
        self.http.post(f"/sandbox/{path}", json={"person": self.person, **body}).raise_for_status()
