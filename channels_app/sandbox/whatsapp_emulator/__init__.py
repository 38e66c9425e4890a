"""How does the pretended WhatsApp fit into the sandbox? The Graph API of `graph_views`, and its messages as bubbles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.urls import path

from channels_app.models import Channel
from channels_app.sandbox import emulators, graph_views, kit, links, provider
from channels_app.sandbox.emulators import Bubble, ChannelSeed, Said
from channels_app.sandbox.models import SandboxControls, SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.whatsapp_emulator import acts, bubbles

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
    abilities = frozenset(
        {"text", "tap", "file", "voice", "location", "contact", "reaction", "edit", "removal", "open", "action"}
    )
    actions = acts.ACTIONS
    urls = (
        path("wa.me/<str:digits>", links.wa_me),
        path("attachments/<str:media_id>", graph_views.attachment),
        path(f"{GRAPH}/messages", graph_views.messages),
        path(f"{GRAPH}/media", graph_views.media),
        path(f"{GRAPH}/message_templates", graph_views.message_templates),
        path(f"{GRAPH}/subscribed_apps", graph_views.subscribed_apps),
        path(GRAPH, graph_views.graph_object),
    )

    def address(self, person: Person) -> str:
        return person.address

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        return acts.write(channel, person, said)

    def bubble(self, row: SandboxMessage) -> Bubble:
        return bubbles.bubble(row)

    def look(self, channel: Channel, person: Person) -> int:
        return provider.look(channel=channel, person=person)

    def demo(self) -> ChannelSeed:
        config = {
            "app": "demo",
            "base_url": self.root(),
            "link_url": f"{self.root()}/wa.me",
            "version": "v25.0",
            "waba_id": WABA_ID,
            "portfolio_id": "demo-portfolio",
            "display_phone_number": "15550783881",
        }
        names = ("app_secret", "access_token", "verify_token")
        credentials = {name: kit.secret(name) for name in names}
        return ChannelSeed("whatsapp-demo", "Nordic Chairs on WhatsApp", PHONE_NUMBER_ID, config, credentials)

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


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


emulator = WhatsAppEmulator()
