"""How does the pretended Discord fit into the sandbox? API v10 and gateway below /sandbox/discord/, DMs as bubbles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from django.urls import path, re_path

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit, links
from channels_app.sandbox.discord_emulator import api, objects, sending, signing, writing
from channels_app.sandbox.discord_emulator.consumers import GatewaySocket
from channels_app.sandbox.emulators import Bubble, Button, ChannelSeed, Listing, Row, Said, Shown
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person

Kind = Literal["image", "audio", "video", "file"]
KINDS: Mapping[str, Kind] = {"image": "image", "audio": "audio", "video": "video"}
APPLICATION = "1170642907355582534"
BUTTON, SELECT = 2, 3
TAP, COMMAND = 3, 2


class DiscordEmulator(emulators.Plain):
    """Discord API v10 and its gateway."""

    kind = "discord"
    title = "Discord"
    about = "direct messages"
    hint = "Write “hi” to begin. Messages leave over the gateway, taps as signed interactions."
    abilities = frozenset({"text", "tap", "file", "voice", "reaction", "edit", "removal", "open", "action"})
    actions = {
        "block": "Block the bot",
        "unblock": "Unblock the bot",
        "reconnect": "Gateway: ask to reconnect (op 7)",
        "resumable": "Gateway: invalid, can be resumed (op 9)",
        "invalid": "Gateway: forget the session (op 9)",
        "zombie": "Gateway: stop answering heartbeats",
        "reset": "Reset the bot's token",
        "restore": "Give the token back",
        "probe": "Endpoint: PING and a bad signature",
    }
    failures = {**emulators.FAILURES, **sending.LABELS}
    urls = (
        path("users/@me", api.me),
        path("users/@me/channels", api.direct),
        path("users/<str:number>", links.discord_user),
        path("applications/@me", api.application),
        path("oauth2/applications/@me", api.application),
        path("applications/<str:number>/commands", api.commands),
        path("gateway/bot", api.gateway),
        path("channels/<str:place>", api.channel),
        path("channels/<str:place>/messages", api.messages),
        path("channels/<str:place>/messages/<str:number>", api.message),
        path("channels/<str:place>/typing", api.typing),
        path("interactions/<str:number>/<str:token>/callback", api.callback),
        path("attachments/refresh-urls", api.refresh),
        path("attachments/<str:place>/<str:public_id>/<str:name>", api.attachment),
    )
    websockets = (re_path(r"^gateway/?$", GatewaySocket.as_asgi()),)

    def address(self, person: Person) -> str:
        return objects.address(person)

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        return writing.write(channel, person, said)

    def bubble(self, row: SandboxMessage) -> Bubble:
        body = row.body or {}
        acted = {TAP: "chose", COMMAND: "used a command"}.get(body.get("act", 0), "")
        note = " · ".join(str(part) for part in (acted, body.get("answer"), body.get("failure")) if part)
        is_removed = bool(body.get("is_removed"))
        return kit.bubble(
            row,
            text="" if is_removed else str(body.get("content") or ""),
            note=note,
            quote=str(objects.mapping(body.get("referenced_message")).get("content") or "")[:120],
            buttons=_buttons(body),
            list=_listing(body),
            media=() if is_removed else _media(row, body),
            reactions=(str(body["reaction"]),) if body.get("reaction") else (),
            is_edited=bool(body.get("edited_timestamp")),
            is_removed=is_removed,
        )

    def demo(self) -> ChannelSeed:
        root = self.root()
        config = {"app": "demo", "public_key": signing.public_key(), "base_url": root, "link_url": root}
        credentials = {"bot_token": kit.secret("discord bot token")}
        return ChannelSeed("discord-demo", "Nordic Chairs on Discord", APPLICATION, config, credentials)

    def sketch(self, request: str) -> str:
        try:
            body = objects.mapping(json.loads(request))
        except ValueError:
            return ""
        names = {1: "PING", 2: "command", 3: "tap"}
        if "application_id" in body:
            return f"interaction: {names.get(body.get('type', 0), 'other')}"
        return "send" if "nonce" in body else ""


def _components(body: Mapping[str, Any]) -> list[tuple[int, Mapping[str, Any]]]:
    rows = body.get("components") or ()
    return [(number, objects.mapping(one)) for number, row in enumerate(rows) for one in row.get("components") or ()]


def _buttons(body: Mapping[str, Any]) -> tuple[Button, ...]:
    found = [(number, one) for number, one in _components(body) if one.get("type") == BUTTON]
    return tuple(Button(str(one.get("custom_id", "")), str(one.get("label", "")), number) for number, one in found)


def _listing(body: Mapping[str, Any]) -> Listing | None:
    select = next((one for _, one in _components(body) if one.get("type") == SELECT), None)
    if select is None:
        return None
    rows = [
        Row(str(option.get("value", "")), str(option.get("label", "")), str(option.get("description", "")))
        for option in select.get("options") or ()
    ]
    return Listing(str(select.get("placeholder") or "Make a selection"), tuple(rows))


def _media(row: SandboxMessage, body: Mapping[str, Any]) -> tuple[Shown, ...]:
    channel = kit.channel_by("discord", key=row.channel)
    return tuple(_shown(channel, objects.mapping(one)) for one in body.get("attachments") or ())


def _shown(channel: Channel | None, one: Mapping[str, Any]) -> Shown:
    """The page takes the kept file: the link that the bot was given runs out."""
    url, media_type = str(one.get("url", "")), str(one.get("content_type", ""))
    parts = url.partition("/attachments/")[2].split("/")
    kept = kit.file(channel, parts[1]) if channel and len(parts) == 3 else None
    kind = KINDS.get(media_type.partition("/")[0], "file")
    return Shown(kind, kit.file_url(kept) if kept else "", str(one.get("filename", "")), media_type, one.get("size", 0))


emulator = DiscordEmulator()
