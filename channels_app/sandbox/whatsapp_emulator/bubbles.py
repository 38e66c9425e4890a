"""How does a WhatsApp message look on the phone? The provider's own JSON of either direction, as a bubble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from channels_app.models import Channel
from channels_app.sandbox import graph_media, graph_templates, kit, provider
from channels_app.sandbox.emulators import Bubble, Button, Listing, Place, Row, Shown
from channels_app.sandbox.models import SandboxMessage

Kind = Literal["image", "audio", "video", "file"]
SHOWN: Mapping[str, Kind] = {
    "image": "image", "sticker": "image", "audio": "audio", "video": "video", "document": "file",
}  # fmt: skip


def bubble(row: SandboxMessage) -> Bubble:
    """The row as the frame draws it: plain text, never markup."""
    body = row.body or {}
    if body.get("removed"):
        return kit.bubble(row, is_removed=True)
    channel = kit.channel_by("whatsapp", key=row.channel)
    action = _mapping(_mapping(body.get("interactive")).get("action"))
    listing = Listing(str(action.get("button", "")), _rows(action)) if action.get("sections") else None
    reactions = (str(body.get("reaction") or ""), str(body.get("our_reaction") or ""))
    return kit.bubble(
        row,
        text=words(body, channel),
        note="from an ad" if body.get("referral") else "",
        buttons=_buttons(body, action, channel),
        list=listing,
        media=_media(body, channel),
        place=_place(body),
        reactions=tuple(filter(None, reactions)),
        is_edited=bool(body.get("edited")),
    )


def words(body: Mapping[str, Any], channel: Channel | None) -> str:
    """The words of a message in either direction."""
    kind = str(body.get("type", "text"))
    part = _mapping(body.get(kind))
    if kind == "interactive":
        tapped = part.get("button_reply") or part.get("list_reply")
        return str(_mapping(tapped).get("title", "")) if tapped else _prompt(part)
    if kind == "template":
        return graph_templates.words(part, provider.templates(channel) if channel else ())
    if kind == "contacts":
        return ", ".join(str(_mapping(card.get("name")).get("formatted_name", "")) for card in body["contacts"])
    if kind in SHOWN or kind == "location":
        return str(part.get("caption") or "")
    return str(part.get("body") or part.get("text") or f"[{kind}]")


def _prompt(part: Mapping[str, Any]) -> str:
    return str(_mapping(part.get("body")).get("text") or f"[{part.get('type', 'interactive')}]")


def _buttons(body: Mapping[str, Any], action: Mapping[str, Any], channel: Channel | None) -> tuple[Button, ...]:
    if body.get("type") == "template" and channel:
        labels = graph_templates.buttons(_mapping(body.get("template")), provider.templates(channel))
        return tuple(Button(label, label, url=link) for label, link in labels)
    replies = [_mapping(button.get("reply")) for button in action.get("buttons") or ()]
    return tuple(Button(str(reply["id"]), str(reply["title"])) for reply in replies)


def _rows(action: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = [row for section in action.get("sections") or () for row in section.get("rows") or ()]
    return tuple(Row(str(row["id"]), str(row["title"]), str(row.get("description", ""))) for row in rows)


def _media(body: Mapping[str, Any], channel: Channel | None) -> tuple[Shown, ...]:
    kind = str(body.get("type", ""))
    part = _mapping(body.get(kind))
    if kind not in SHOWN:
        return ()
    row = graph_media.find(channel, str(part.get("id"))) if channel and part.get("id") else None
    name = str(part.get("filename", ""))
    if row is None:
        return (Shown(SHOWN[kind], str(part.get("link", "")), name),)
    return (Shown(SHOWN[kind], kit.file_url(row), name or row.name, row.media_type, len(row.content)),)


def _place(body: Mapping[str, Any]) -> Place | None:
    point = _mapping(body.get("location"))
    if body.get("type") != "location" or not point:
        return None
    name, address = str(point.get("name", "")), str(point.get("address", ""))
    return Place(float(point["latitude"]), float(point["longitude"]), name, address)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
