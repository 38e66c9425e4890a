"""How does rendered content look as a WhatsApp request? The renderer has kept the limits; the rest is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from channels_app.adapters.base import DeliveryError, Outgoing
from conversations.content import Card, Choice, Content, Location, Media, Option, Template, Text

MEDIA = {"image": "image", "audio": "audio", "video": "video", "file": "document"}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that the provider has: its id, the type of message it goes in, and its name."""

    media_id: str
    shown_as: str
    name: str = ""


def request(outgoing: Outgoing, uploaded: Uploaded | None = None) -> dict[str, Any]:
    """The JSON body of one send, or `DeliveryError("rejected" | "unreachable")` when there is no such request."""
    body: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    body |= _recipient(outgoing.namespace, outgoing.address)
    if outgoing.reply_to:
        body["context"] = {"message_id": outgoing.reply_to}
    # Every status of this message brings it back: that is how a send whose answer was lost is settled.
    body["biz_opaque_callback_data"] = outgoing.ref
    if uploaded is not None and isinstance(outgoing.content, Media):
        return body | _uploaded(outgoing.content, uploaded)
    return body | _content(outgoing.content)


def _recipient(namespace: str, address: str) -> dict[str, str]:
    if namespace == "phone":
        return {"to": re.sub(r"\D", "", address)}
    if namespace == "wa_bsuid":
        return {"recipient": address}
    raise DeliveryError("unreachable", provider_text=f"WhatsApp cannot be sent to a {namespace}")


def _content(content: Content) -> dict[str, Any]:
    match content:
        case Text():
            return {"type": "text", "text": {"body": content.text, "preview_url": False}}
        case Choice():
            return {
                "type": "interactive",
                "interactive": _list(content) if content.kind == "list" else _buttons(content),
            }
        case Media():
            return _media(content)
        case Location():
            place = {"latitude": content.latitude, "longitude": content.longitude}
            return {"type": "location", "location": place | _filled(name=content.name, address=content.address)}
        case Template():
            return {"type": "template", "template": _template(content)}
        case Card():
            return {"type": "text", "text": {"body": content.plain_text(), "preview_url": bool(content.link)}}
        case _:
            raise DeliveryError("rejected", provider_text=f"WhatsApp has no message for {content.type}")


def _buttons(choice: Choice) -> dict[str, Any]:
    buttons = [
        {"type": "reply", "reply": {"id": _id(option), "title": option.label[:20]}} for option in choice.options[:3]
    ]
    return {"type": "button", "body": {"text": choice.text}, "action": {"buttons": buttons}}


def _list(choice: Choice) -> dict[str, Any]:
    rows = [
        {"id": _id(option), "title": option.label[:24]} | _filled(description=option.description[:72])
        for option in choice.options[:10]
    ]
    action = {"button": (choice.button or "Choose")[:20], "sections": [{"rows": rows}]}
    return {"type": "list", "body": {"text": choice.text}, "action": action}


def _id(option: Option) -> str:
    return (option.payload or option.id)[:200]


def _media(media: Media) -> dict[str, Any]:
    if not media.url:
        raise DeliveryError("rejected", provider_text="a file needs a link that WhatsApp can fetch")
    return _shown(media, MEDIA[media.kind], {"link": media.url}, media.filename)


def _uploaded(media: Media, uploaded: Uploaded) -> dict[str, Any]:
    return _shown(media, uploaded.shown_as, {"id": uploaded.media_id}, media.filename or uploaded.name)


def _shown(media: Media, kind: str, source: dict[str, str], name: str) -> dict[str, Any]:
    """A recording has no caption, and only a document shows a name."""
    caption = media.caption[:1024] if kind != "audio" else ""
    return {"type": kind, kind: source | _filled(caption=caption, filename=name if kind == "document" else "")}


def _template(template: Template) -> dict[str, Any]:
    components: list[Any] = [dict(part) for part in template.components]
    if not components and template.parameters:
        components = [{"type": "body", "parameters": [{"type": "text", "text": v} for v in template.parameters]}]
    return {"name": template.name, "language": {"code": template.language}, "components": components}


def _filled(**members: str) -> dict[str, str]:
    return {name: value for name, value in members.items() if value}
