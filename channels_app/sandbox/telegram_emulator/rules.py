"""What does the Bot API refuse, and in which words?"""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
TEXT_MAX, CAPTION_MAX, DATA_MAX = 4096, 1024, 64  # UTF-16 units, UTF-16 units, bytes
TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "tg-spoiler": "spoiler", "blockquote": "blockquote", "span": "spoiler",
}  # fmt: skip


class Refused(Exception):
    """An answer other than `ok`: status, words, and what a program reads."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters

    def body(self) -> Json:
        told: Json = {"ok": False, "error_code": self.status, "description": self.description}
        return told | ({"parameters": self.parameters} if self.parameters else {})


def bad(words: str) -> Refused:
    return Refused(400, f"Bad Request: {words}")


UNAUTHORIZED = (401, "Unauthorized")
NOT_FOUND = (404, "Not Found")
BLOCKED = (403, "Forbidden: bot was blocked by the user")
BROKEN = (500, "Internal Server Error")
POLLS = (
    409,
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
)


def units(text: str) -> int:
    """UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def words(params: Mapping[str, Any], name: str, most: int) -> Json:
    """A text or caption with its entities, as a Message has them; {} if there is none."""
    given = str(params.get(name) or "")
    text, entities = given, params.get("entities" if name == "text" else "caption_entities")
    mode = str(params.get("parse_mode") or "").lower()
    if mode == "html":
        text, entities = _html(given)
    elif mode.startswith("markdown"):
        _markdown(given)
    text = text.strip()
    if units(text) > most:
        raise bad("message is too long" if name == "text" else "message caption is too long")
    if not text:
        return {}
    key = "entities" if name == "text" else "caption_entities"
    return {name: text} | ({key: entities} if isinstance(entities, list) and entities else {})


def markup(params: Mapping[str, Any]) -> Json:
    """The keyboard of a message, if it may be one."""
    given = params.get("reply_markup")
    if not isinstance(given, Mapping):
        return {}
    if "inline_keyboard" not in given:
        return {"reply_markup": dict(given)} if "keyboard" in given else {}
    rows = given["inline_keyboard"]
    if "keyboard" in given or not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("can't parse reply keyboard markup JSON object")
    for row in rows:
        for button in row:
            _button(button)
    return {"reply_markup": {"inline_keyboard": rows}} if any(rows) else {}


def _button(button: Any) -> None:
    if not isinstance(button, Mapping) or not str(button.get("text") or "").strip():
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button:
        if not 1 <= len(str(button["callback_data"]).encode()) <= DATA_MAX:
            raise bad("BUTTON_DATA_INVALID")
    elif "url" in button:
        _link(str(button["url"]))
    else:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")


def _link(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "tg" or (parts.scheme in ("http", "https") and "." in host):
        return
    raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.entities, self.open = "", [], []  # type: str, list[Json], list[tuple[str, int, str]]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {units(self.text)}')
        self.open.append((tag, units(self.text), dict(attrs).get("href") or ""))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise bad(f"can't parse entities: Unmatched end tag at byte offset {units(self.text)}")
        _, start, link = self.open.pop()
        entity: Json = {"type": TAGS[tag], "offset": start, "length": units(self.text) - start}
        self.entities.append(entity | ({"url": link} if link else {}))

    def handle_data(self, data: str) -> None:
        self.text += data


def _html(given: str) -> tuple[str, list[Json]]:
    reader = _Reader()
    reader.feed(given)
    reader.close()
    if reader.open:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{reader.open[-1][0]}\"")
    return reader.text, reader.entities


def _markdown(given: str) -> None:
    for mark in "_*`":
        if given.replace(f"\\{mark}", "").count(mark) % 2:
            offset = given.encode().rfind(mark.encode())
            raise bad(f"can't parse entities: Can't find end of the entity starting at byte offset {offset}")
