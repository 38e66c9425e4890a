"""How does rendered content look as a Discord message? The renderer has kept the limits; the rest is refused."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from channels_app.adapters.base import DeliveryError, Outgoing
from conversations.content import Card, Choice, Media, Option, Text

ROW, BUTTON, SELECT = 1, 2, 3  # types of component
SECONDARY = 2  # a grey button
TEXT_MAX, ROW_MAX, LABEL_MAX, ID_MAX, SELECT_MAX, FIELD_MAX, PLACEHOLDER_MAX = 2000, 5, 80, 100, 25, 100, 150
BUTTONS_MAX = 25
NONCE_MAX = 25
URL = re.compile(r"(https?://[^\s<]+)")
MARKS = re.compile(r"[\\*_~`|\[<]|^(?:>|#|-)", re.MULTILINE)


def body(outgoing: Outgoing) -> dict[str, Any]:
    """The JSON of one send without its file, or `DeliveryError("rejected")` when there is no such message."""
    said: dict[str, Any] = {
        "nonce": nonce(outgoing.ref),
        # The same send within some minutes gives the message of before: a lost answer may be asked for again.
        "enforce_nonce": True,
        "allowed_mentions": {"parse": []},
    }
    answered = outgoing.reply_to or str(outgoing.thread.get("message_id") or "")
    if answered.isascii() and answered.isdigit():
        said["message_reference"] = {"message_id": answered, "fail_if_not_exists": False}
    return said | _content(outgoing)


def nonce(ref: str) -> str:
    """Our id of the delivery in at most 25 characters."""
    return ref if 0 < len(ref) <= NONCE_MAX else hashlib.sha256(ref.encode()).hexdigest()[:NONCE_MAX]


def plain(text: str) -> str:
    """The text so that Discord shows it as it is: what would be markup gets a backslash, links stay links.

    Where the backslashes would burst the limit the text goes as it is: a mark is worth less than a word.
    """
    pieces = [piece if n % 2 else MARKS.sub(r"\\\g<0>", piece) for n, piece in enumerate(URL.split(text))]
    escaped = "".join(pieces)
    return escaped if len(escaped) <= TEXT_MAX else text[:TEXT_MAX]


def _content(outgoing: Outgoing) -> dict[str, Any]:
    match outgoing.content:
        case Text(text=text):
            return {"content": plain(text)}
        case Choice() as choice:
            rows = _select(choice, outgoing.ref) if choice.kind == "list" else _buttons(choice)
            return {"content": plain(choice.text), "components": rows}
        case Media() as media:
            return {"content": plain(media.caption)} if media.caption else {}
        case Card() as card:
            return {"content": plain(card.plain_text())}
        case other:
            raise DeliveryError("rejected", provider_text=f"Discord has no message for {other.type}")


def with_link(media: Media) -> dict[str, Any]:
    """The words of a file that goes as a link."""
    if not media.url:
        raise DeliveryError("rejected", provider_text="the file cannot be read, and there is no link to it")
    # The link must arrive whole; the caption can be shortened.
    room = TEXT_MAX - len(media.url) - 1
    caption = plain(media.caption or media.filename)
    shown = caption if len(caption) <= room else (media.caption or media.filename)[: max(room, 0)]
    return {"content": f"{shown}\n{media.url}".strip()}


def _buttons(choice: Choice) -> list[dict[str, Any]]:
    buttons = [
        {"type": BUTTON, "style": SECONDARY, "label": option.label[:LABEL_MAX] or "…", "custom_id": _id(option)}
        for option in choice.options[:BUTTONS_MAX]
    ]
    return [{"type": ROW, "components": buttons[n : n + ROW_MAX]} for n in range(0, len(buttons), ROW_MAX)]


def _select(choice: Choice, ref: str) -> list[dict[str, Any]]:
    options = []
    for option in choice.options[:SELECT_MAX]:
        described = {"description": option.description[:FIELD_MAX]} if option.description else {}
        options.append({"label": option.label[:FIELD_MAX] or "…", "value": _id(option)} | described)
    select = {"type": SELECT, "custom_id": f"select:{nonce(ref)}", "options": options, "min_values": 1, "max_values": 1}
    placeholder = {"placeholder": choice.button[:PLACEHOLDER_MAX]} if choice.button else {}
    return [{"type": ROW, "components": [select | placeholder]}]


def _id(option: Option) -> str:
    return (option.payload or option.id)[:ID_MAX]
