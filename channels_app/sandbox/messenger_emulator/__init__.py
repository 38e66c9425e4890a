"""How do the pretended Messenger and Instagram fit into the sandbox? The Send API, and Meta's messages as bubbles."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit
from channels_app.sandbox.emulators import Bubble, Button, ChannelSeed, Said
from channels_app.sandbox.messenger_emulator import acts, api, drawing, letters, payloads, platform
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from common import clock

APP_ID = "67000000000002"


class MessengerEmulator(emulators.Plain):
    """Messenger."""

    kind = "messenger"
    title = "Messenger"
    about = "Facebook page"
    abilities = frozenset({"text", "tap", "file", "voice", "location", "reaction", "edit", "removal", "open", "action"})
    actions = acts.ACTIONS
    failures = emulators.FAILURES | {
        "10": "10 outside of the 24 hours",
        "551": "551 this person isn't available",
        "190": "190 the token is no longer valid",
    }
    receipts: ClassVar[Sequence[str]] = ("none", "delivered", "read")
    urls = api.urls("messenger", platform.PAGE)
    page: ClassVar[str] = "104829173650021"
    username: ClassVar[str] = "nordicchairs"
    name: ClassVar[str] = "Nordic Chairs"

    def address(self, person: Person) -> str:
        return person.digits(self.kind, 16)

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        address = self.address(person)
        kit.remember(channel, f"name:{address}", {"first_name": person.first_name, "name": person.name})
        return acts.do(channel, address, said)

    def bubble(self, row: SandboxMessage) -> Bubble:
        body = row.body or {}
        replies = body.get("quick_replies") or ()
        return kit.bubble(
            row,
            text=drawing.words(body),
            buttons=tuple(Button(str(reply["payload"]), str(reply["title"])) for reply in replies),
            media=drawing.media(row, body),
            place=drawing.place(body),
            reactions=tuple(filter(None, (str(body.get("reaction", "")),))),
            is_edited=bool(body.get("edits")),
            is_removed=bool(body.get("is_removed")),
        )

    def look(self, channel: Channel, person: Person) -> int:
        address = self.address(person)
        rows = [row for row in kit.unread(channel, address) if kit.climb(row, ["read"])]
        if rows:
            letters.post(channel, payloads.item(address, channel.account, clock.now(), read=self._seen(rows)))
        return len(rows)

    def _seen(self, rows: list[SandboxMessage]) -> dict[str, Any]:
        return payloads.watermark(clock.now())

    def demo(self) -> ChannelSeed:
        config = {
            "app": "demo",
            "app_id": APP_ID,
            "username": self.username,
            "base_url": self.root(),
            "version": "v25.0",
        }
        names = ("app_secret", "access_token", "verify_token")
        credentials = {name: kit.secret(f"{self.kind} {name}") for name in names}
        return ChannelSeed(f"{self.kind}-demo", f"{self.name} on {self.title}", self.page, config, credentials)

    def sketch(self, request: str) -> str:
        try:
            body = _mapping(json.loads(request))
        except ValueError:
            return ""
        if "recipient" in body:
            message = _mapping(body.get("message"))
            return str(body.get("sender_action") or "send " + ("file" if "attachment" in message else "text"))
        items = [item for entry in body.get("entry") or () for item in entry.get("messaging") or ()]
        return ", ".join(_subject(item) for item in items)


def _subject(item: Mapping[str, Any]) -> str:
    found = next((name for name in item if name not in ("sender", "recipient", "timestamp")), "")
    return "echo" if _mapping(item.get(found)).get("is_echo") else found


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


emulator = MessengerEmulator()
