"""What does a person do on the phone, in WhatsApp's own JSON? Messages, changes of them, and news of themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import callbacks, graph, graph_media, kit, payloads, provider
from channels_app.sandbox.emulators import Said, Upload
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from common import clock

LONGEST_TEXT = 4096
GREETING = "Please continue here."
MEDIA = ("image", "audio", "video")
Part = dict[str, Any]

ACTIONS: Mapping[str, str] = {
    "number": "Change the phone number",
    "user_id": "Get a new business-scoped id",
    "device": "Move to another device (identity changed)",
    "share": "Answer a request for the phone number",
    "ad": "Write from an ad",
    "form": "Fill in a form (Flow)",
    "order": "Order from the catalogue",
    "poll": "Send what businesses cannot read (a poll)",
    "stop": "Stop marketing messages",
    "resume": "Resume marketing messages",
    "batch": "Three messages in one webhook",
    "echo": "Staff answer in the phone app",
}


def write(channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
    """Stores what shows on the phone, and posts what WhatsApp would post."""
    if said.act == "action":
        return _action(channel, person, said.option)
    if said.act in ("reaction", "edit", "removal"):
        return _amend(channel, person, said)
    part = _part(channel, person, said)
    replies_to = said.message if said.act in ("text", "tap") else ""
    return provider.write(channel=channel, person=person, part=part, replies_to=replies_to)


def _part(channel: Channel, person: Person, said: Said) -> Part:
    if said.act == "tap":
        return _tap(channel, said)
    if said.act in ("file", "voice") and said.file is not None:
        return _media(channel, said.file, said.text, is_voice=said.act == "voice")
    if said.act == "location":
        place = {"latitude": said.latitude, "longitude": said.longitude}
        return {"type": "location", "location": place | ({"name": said.title} if said.title else {})}
    if said.act == "contact":
        return _card(person)
    if said.act == "open":
        return payloads.text(f"{GREETING} [#{said.text}]")
    return payloads.text(said.text[:LONGEST_TEXT])


def _tap(channel: Channel, said: Said) -> Part:
    """A template's quick reply, a row of a list or a button, as the message that offered it was."""
    row = kit.find_message(channel, said.message)
    body: Mapping[str, Any] = (row.body or {}) if row else {}
    if body.get("type") == "template":
        return {"type": "button", "button": {"text": said.title, "payload": said.option}}
    action = (body.get("interactive") or {}).get("action") or {}
    rows = [one for section in action.get("sections") or () for one in section.get("rows") or ()]
    found = next((one for one in rows if one["id"] == said.option), None)
    if found:
        return payloads.list_reply(found["id"], found["title"], found.get("description", ""))
    return payloads.button_reply(said.option, said.title)


def _media(channel: Channel, upload: Upload, caption: str, is_voice: bool) -> Part:
    family = upload.media_type.partition("/")[0]
    kind = "sticker" if upload.media_type == "image/webp" else family if family in MEDIA else "document"
    media_id = graph_media.keep(channel, upload, graph_media.THEIRS)
    row = graph_media.find(channel, media_id)
    part: Part = {"id": media_id, **(graph_media.facts(row) if row else {})}
    if caption and kind not in ("audio", "sticker"):
        part["caption"] = caption
    part |= {"filename": upload.name} if kind == "document" else {}
    part |= {"voice": is_voice} if kind == "audio" else {"animated": False} if kind == "sticker" else {}
    return {"type": kind, kind: part}


def _card(person: Person, **more: Any) -> Part:
    phone = person.phone or person.digits("whatsapp phone", 11)
    first, _, last = person.name.partition(" ")
    name = {"formatted_name": person.name, "first_name": first, **({"last_name": last} if last else {})}
    card = {"name": name, "phones": [{"phone": f"+{phone}", "wa_id": phone, "type": "CELL"}], **more}
    return {"type": "contacts", "contacts": [card]}


def _amend(channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
    """Changes what the phone shows, and tells it as a message about that message."""
    row = kit.find_message(channel, said.message)
    if row is None:
        return None
    if said.act == "reaction":
        kit.amend(row, reaction=said.emoji)
        emoji = {"emoji": said.emoji} if said.emoji else {}
        part = {"type": "reaction", "reaction": {"message_id": said.message, **emoji}}
    elif said.act == "edit":
        inner = payloads.text(said.text[:LONGEST_TEXT])
        kit.amend(row, edited=True, **inner)
        part = {"type": "edit", "edit": {"original_message_id": said.message, "message": inner}}
    else:
        kit.amend(row, removed=True, text=None)
        part = {"type": "revoke", "revoke": {"original_message_id": said.message}}
    provider.tell(channel=channel, person=person, part=part)
    return row


def _action(channel: Channel, person: Person, name: str) -> SandboxMessage | None:
    if act := MESSAGES.get(name):
        return provider.write(channel=channel, person=person, part=act(person))
    if act := SYSTEM.get(name):
        provider.tell(channel=channel, person=person, part={"type": "system", "system": act(person)})
        return None
    other = OTHERS.get(name)
    return other(channel, person) if other else None


def _changed_number(person: Person) -> Part:
    new = new_phone(person)
    said = {"body": f"{person.name} changed their number to {new}", "wa_id": new, "type": "user_changed_number"}
    ids = {"previous_user_id": person.bsuid, "user_id": _new_bsuid(person)} if person.bsuid else {}
    return said | ids


def _changed_user_id(person: Person) -> Part:
    ids = {"previous_user_id": person.bsuid, "user_id": _new_bsuid(person)}
    return {"body": "User id changed", "type": "user_changed_user_id", **ids}


def _changed_device(person: Person) -> Part:
    return {"body": f"{person.name} may have changed devices", "type": "customer_identity_changed"}


def new_phone(person: Person) -> str:
    """The number that this person changes to: another one of the same country."""
    return f"{person.phone[:3] or '467'}{person.digits('whatsapp new phone', len(person.phone or 'a' * 11) - 3)}"


def _new_bsuid(person: Person) -> str:
    return f"{(person.bsuid or 'SE')[:2]}.{person.digits('whatsapp new id', 16)}"


def _from_ad(person: Person) -> Part:
    link = {"source_url": "https://fb.me/chairs", "source_id": "120208547390260", "source_type": "ad"}
    words = {"headline": "Chairs that last", "body": "Made in Småland.", "ctwa_clid": "ARAkLkA8rmlFeiCktEJQ"}
    return {**payloads.text("Hi! I saw your ad."), "referral": link | words}


def _form(person: Person) -> Part:
    answers = {"screen_0_Name_0": person.name, "screen_0_Chair_1": "1_Rocking_chair", "flow_token": "unused"}
    reply = {"name": "flow", "body": "Sent", "response_json": json.dumps(answers)}
    return {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": reply}}


def _order(person: Person) -> Part:
    item = {"product_retailer_id": "ROCKING-CHAIR", "quantity": 1, "item_price": 1290, "currency": "SEK"}
    return {"type": "order", "order": {"catalog_id": "354160437058781", "text": "", "product_items": [item]}}


def _poll(person: Person) -> Part:
    details = {"details": "Message type is currently not supported."}
    fault = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown", "error_data": details}
    return {"type": "unsupported", "unsupported": {"type": "poll"}, "errors": [fault]}


def _prefer(value: str) -> Callable[[Channel, Person], None]:
    def act(channel: Channel, person: Person) -> None:
        kit.remember(channel, f"stopped:{person.address}", value == "stop")
        who = {"wa_id": person.phone} if person.phone else {"user_id": person.bsuid}
        one = {
            **who,
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": int(clock.now().timestamp()),
        }
        told = {"contacts": [payloads.contact(person)], "user_preferences": [one]}
        callbacks.post_change(channel, payloads.change(callbacks.number_of(channel), told, "user_preferences"))

    return act


def _batch(channel: Channel, person: Person) -> SandboxMessage:
    """Two messages in one change, and a third in another entry: what comes when Meta catches up."""
    number, now = callbacks.number_of(channel), clock.now()
    rows, changes = [], []
    for words in ("First.", "Second.", "Third."):
        wamid = graph.new_wamid(person.address)
        part = payloads.text(words)
        rows.append(kit.store(
            channel=channel, address=person.address, external_id=wamid, body=part, is_from_customer=True
        ))  # fmt: skip
        changes.append(payloads.message(person=person, wamid=wamid, at=now, part=part, number=number))
    first, second, third = changes
    first["value"]["messages"] += second["value"]["messages"]
    callbacks.post_body(channel, payloads.batch(number, [[first], [third]]))
    return rows[-1]


def _echo(channel: Channel, person: Person) -> SandboxMessage:
    """Staff type in the WhatsApp Business app on the company's phone."""
    number, part, wamid = callbacks.number_of(channel), payloads.text("It is on its way!"), graph.new_wamid("staff")
    to = {"to": person.phone} if person.phone else {"to_user_id": person.bsuid}
    said = {"from": number.display, **to, "id": wamid, "timestamp": str(int(clock.now().timestamp())), **part}
    row = kit.store(
        channel=channel, address=person.address, external_id=wamid, body=part, is_from_customer=False, state="delivered"
    )
    told = {"contacts": [payloads.contact(person)], "message_echoes": [said]}
    callbacks.post_change(channel, payloads.change(number, told, "smb_message_echoes"))
    return row


MESSAGES: Mapping[str, Callable[[Person], Part]] = {
    "ad": _from_ad,
    "form": _form,
    "order": _order,
    "poll": _poll,
    "share": lambda person: _card(person, origin="contact_request"),
}
SYSTEM: Mapping[str, Callable[[Person], Part]] = {
    "number": _changed_number,
    "user_id": _changed_user_id,
    "device": _changed_device,
}
OTHERS: Mapping[str, Callable[[Channel, Person], SandboxMessage | None]] = {
    "stop": _prefer("stop"),
    "resume": _prefer("resume"),
    "batch": _batch,
    "echo": _echo,
}
