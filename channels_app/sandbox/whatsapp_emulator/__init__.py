"""How does the pretended WhatsApp fit into the sandbox? The Graph API of `graph_views`, and its messages as bubbles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.urls import path

from channels_app.models import Channel
from channels_app.sandbox import emulators, graph_views, kit, payloads, provider
from channels_app.sandbox.emulators import Bubble, Button, ChannelSeed, Listing, Row, Said
from channels_app.sandbox.models import SandboxControls, SandboxMessage
from channels_app.sandbox.people import Person

LONGEST_TEXT = 4096
PHONE_NUMBER_ID, WABA_ID = "106540352242922", "102290129340398"
GRAPH = "<str:version>/<str:object_id>"


class WhatsAppEmulator(emulators.Plain):
    """WhatsApp Cloud API."""

    kind = "whatsapp"
    title = "WhatsApp"
    mount = "graph"
    about = "WhatsApp business account"
    hint = "Write “hi” to begin. What you write leaves as a real, signed WhatsApp webhook."
    failures = dict(SandboxControls.Failure.choices)
    receipts = ("none", "delivered", "read")
    urls = (
        path(f"{GRAPH}/messages", graph_views.messages),
        path(f"{GRAPH}/media", graph_views.media),
        path(f"{GRAPH}/message_templates", graph_views.message_templates),
        path(f"{GRAPH}/subscribed_apps", graph_views.subscribed_apps),
        path(GRAPH, graph_views.phone_number),
    )

    def address(self, person: Person) -> str:
        return person.address

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        part, replies_to = self._part(channel, said), said.message
        return provider.write(channel=channel, person=person, part=part, replies_to=replies_to)

    def bubble(self, row: SandboxMessage) -> Bubble:
        body = row.body or {}
        action = _mapping(_mapping(body.get("interactive")).get("action"))
        replies = [_mapping(button.get("reply")) for button in action.get("buttons") or ()]
        listing = Listing(str(action.get("button", "")), _rows(action)) if action.get("sections") else None
        buttons = tuple(Button(str(reply["id"]), str(reply["title"])) for reply in replies)
        return kit.bubble(row, text=words(body), buttons=buttons, list=listing)

    def look(self, channel: Channel, person: Person) -> int:
        return provider.look(channel=channel, person=person)

    def demo(self) -> ChannelSeed:
        config = {
            "app": "demo",
            "base_url": self.root(),
            "version": "v25.0",
            "waba_id": WABA_ID,
            "portfolio_id": "demo-portfolio",
            "display_phone_number": "15550783881",
        }
        names = ("app_secret", "access_token", "verify_token")
        credentials = {name: kit.secret(name) for name in names}
        return ChannelSeed("whatsapp-demo", "Nordic Chairs", PHONE_NUMBER_ID, config, credentials)

    def sketch(self, request: str) -> str:
        try:
            body = _mapping(json.loads(request))
        except ValueError:
            return ""
        kinds = []
        for entry in body.get("entry") or ():
            for value in (change["value"] for change in entry["changes"]):
                kinds += [f"message: {said.get('type')}" for said in value.get("messages") or ()]
                kinds += [f"status: {told.get('status')}" for told in value.get("statuses") or ()]
        if kinds or ("to" not in body and "recipient" not in body):
            return ", ".join(kinds)
        shape = _mapping(body.get("interactive")).get("type", "")
        return f"send: {body.get('type', 'text')} {shape}".strip()

    def _part(self, channel: Channel, said: Said) -> dict[str, Any]:
        """What the person says, as the provider would put it: a typed text or a tapped option."""
        if said.act != "tap":
            return payloads.text(said.text[:LONGEST_TEXT])
        row = kit.find_message(channel, said.message)
        listing = self.bubble(row).list if row else None
        for found in listing.rows if listing else ():
            if found.id == said.option:
                return payloads.list_reply(found.id, found.title, found.description)
        return payloads.button_reply(said.option, said.title)


def words(body: Mapping[str, Any]) -> str:
    """The words of a message in either direction."""
    kind = str(body.get("type", "text"))
    part = _mapping(body.get(kind))
    if kind == "interactive":
        tapped = part.get("button_reply") or part.get("list_reply")
        return str(_mapping(tapped).get("title", "")) if tapped else str(_mapping(part.get("body")).get("text", ""))
    if kind == "template":
        return f"[template {part.get('name', '')}]"
    return str(part.get("body") or part.get("caption") or f"[{kind}]")


def _rows(action: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = [row for section in action.get("sections") or () for row in section.get("rows") or ()]
    return tuple(Row(str(row["id"]), str(row["title"]), str(row.get("description", ""))) for row in rows)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


emulator = WhatsAppEmulator()
