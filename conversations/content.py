"""What can be said in one message, whatever the channel?

Content is what an author or an agent means ("a text", "a choice of three"); `journeys.render` turns it into what one
channel can carry. It is stored as JSON: `to_json()` writes it, `from_json()` reads it back and never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words; never markup."""

    type: ClassVar[str] = "text"
    text: str

    def plain_text(self) -> str:
        return self.text

    def to_json(self) -> dict[str, Any]:
        return {"type": "text", "text": self.text}


@dataclass(frozen=True, slots=True)
class Option:
    """One way to answer a Choice: `payload` is what a tap sends back (`run:seq:option`), `number` what may be typed.

    A `letter` is typed instead of the number where a number would answer another question.
    """

    id: str
    label: str
    payload: str = ""
    description: str = ""
    number: int = 0
    letter: str = ""

    @property
    def mark(self) -> str:
        """What stands before the label where options are text."""
        return self.letter or str(self.number)

    def to_json(self) -> dict[str, Any]:
        return _filled(
            {
                "id": self.id,
                "label": self.label,
                "payload": self.payload,
                "description": self.description,
                "number": self.number,
                "letter": self.letter,
            }
        )

    @classmethod
    def from_json(cls, data: Any) -> Option:
        data = data if isinstance(data, Mapping) else {}
        number = data.get("number")
        return cls(
            id=_text(data, "id"),
            label=_text(data, "label"),
            payload=_text(data, "payload"),
            description=_text(data, "description"),
            number=number if isinstance(number, int) else 0,
            letter=_text(data, "letter"),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with options. `kind` is `menu` as authored; the renderer makes `buttons` or `list` of it (or a Text).

    `button` is the label that opens a list, `more` of what leads to the next `page` of a long menu (from 1).
    """

    type: ClassVar[str] = "choice"
    text: str
    options: tuple[Option, ...]
    kind: Literal["menu", "buttons", "list"] = "menu"
    button: str = ""
    more: str = ""
    page: int = 1

    def plain_text(self) -> str:
        rows = [f"{one.letter or one.number or n}) {one.label}" for n, one in enumerate(self.options, start=1)]
        return "\n".join([self.text, *rows]) if self.text else "\n".join(rows)

    def to_json(self) -> dict[str, Any]:
        data = {"type": "choice", "text": self.text, "kind": self.kind, "button": self.button, "more": self.more}
        return _filled(data) | {"options": [option.to_json() for option in self.options], "page": self.page}


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, recording, film or file; `attachment` names our stored copy, `url` is where it can be fetched."""

    type: ClassVar[str] = "media"
    kind: Literal["image", "audio", "video", "file"] = "file"
    url: str = ""
    caption: str = ""
    filename: str = ""
    mime_type: str = ""
    attachment: str = ""
    size: int = 0  # bytes, 0 if nobody knows

    def plain_text(self) -> str:
        return self.caption or self.filename or f"[{self.kind}]"

    def to_json(self) -> dict[str, Any]:
        return {"type": "media", "kind": self.kind} | _filled(
            {
                "url": self.url,
                "caption": self.caption,
                "filename": self.filename,
                "mime_type": self.mime_type,
                "attachment": self.attachment,
                "size": self.size,
            }
        )


@dataclass(frozen=True, slots=True)
class Card:
    """One offer: a title, a text, perhaps a picture and a link."""

    type: ClassVar[str] = "card"
    title: str
    text: str = ""
    image_url: str = ""
    link: str = ""

    def plain_text(self) -> str:
        return "\n".join(part for part in (self.title, self.text, self.link) if part)

    def to_json(self) -> dict[str, Any]:
        data = {"title": self.title, "text": self.text, "image_url": self.image_url, "link": self.link}
        return {"type": "card"} | _filled(data)


@dataclass(frozen=True, slots=True)
class Template:
    """A message approved by the provider beforehand, with its parameters in order; `text` is what the reader sees.

    `components`: the filled parts in the provider's own form, where there is more than a body with places in order.
    `category` is the provider's: MARKETING takes the reader's consent.
    """

    type: ClassVar[str] = "template"
    name: str
    language: str = "en"
    parameters: tuple[str, ...] = ()
    text: str = ""
    components: tuple[Mapping[str, Any], ...] = ()
    category: str = ""

    def plain_text(self) -> str:
        return self.text or f"[{self.name}]"

    def to_json(self) -> dict[str, Any]:
        named = {"name": self.name, "language": self.language, "text": self.text, "category": self.category}
        data = _filled({"type": "template"} | named)
        components = {"components": [dict(part) for part in self.components]} if self.components else {}
        return data | {"parameters": list(self.parameters)} | components


@dataclass(frozen=True, slots=True)
class Location:
    """A place on the map, in degrees."""

    type: ClassVar[str] = "location"
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""

    def plain_text(self) -> str:
        return self.name or self.address or f"{self.latitude:.5f}, {self.longitude:.5f}"

    def to_json(self) -> dict[str, Any]:
        place = {"type": "location", "latitude": self.latitude, "longitude": self.longitude}
        return place | _filled({"name": self.name, "address": self.address})


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something authentic that we cannot show yet: kept as a placeholder, never dropped."""

    type: ClassVar[str] = "unsupported"
    kind: str = ""

    def plain_text(self) -> str:
        return f"[{self.kind or 'unsupported message'}]"

    def to_json(self) -> dict[str, Any]:
        return {"type": "unsupported", "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Removed:
    """What stood here was taken back by its author; nothing of it is kept."""

    type: ClassVar[str] = "removed"

    def plain_text(self) -> str:
        return "[message removed]"

    def to_json(self) -> dict[str, Any]:
        return {"type": "removed"}


Content = Text | Choice | Media | Card | Template | Location | Unsupported | Removed


def from_json(data: Any) -> Content:
    """The content that `to_json()` wrote; anything unknown becomes `Unsupported`, never an exception."""
    if not isinstance(data, Mapping):
        return Unsupported()
    read = _READERS.get(str(data.get("type")))
    return read(data) if read else Unsupported(kind=str(data.get("type") or ""))


def _choice(data: Mapping[str, Any]) -> Content:
    options = data.get("options")
    kind = data.get("kind")
    page = data.get("page")
    return Choice(
        text=_text(data, "text"),
        options=tuple(Option.from_json(option) for option in options) if isinstance(options, list) else (),
        kind=kind if kind in ("buttons", "list") else "menu",
        button=_text(data, "button"),
        more=_text(data, "more"),
        page=page if isinstance(page, int) else 1,
    )


def _media(data: Mapping[str, Any]) -> Content:
    kind = data.get("kind")
    return Media(
        kind=kind if kind in ("image", "audio", "video") else "file",
        url=_text(data, "url"),
        caption=_text(data, "caption"),
        filename=_text(data, "filename"),
        mime_type=_text(data, "mime_type"),
        attachment=_text(data, "attachment"),
        size=size if isinstance(size := data.get("size"), int) and size > 0 else 0,
    )


def _card(data: Mapping[str, Any]) -> Content:
    return Card(
        title=_text(data, "title"),
        text=_text(data, "text"),
        image_url=_text(data, "image_url"),
        link=_text(data, "link"),
    )


def _template(data: Mapping[str, Any]) -> Content:
    parameters, components = data.get("parameters"), data.get("components")
    parts = [part for part in components if isinstance(part, Mapping)] if isinstance(components, list) else []
    return Template(
        name=_text(data, "name"),
        language=_text(data, "language") or "en",
        parameters=tuple(str(value) for value in parameters) if isinstance(parameters, list) else (),
        text=_text(data, "text"),
        components=tuple(parts),
        category=_text(data, "category"),
    )


def _location(data: Mapping[str, Any]) -> Content:
    latitude, longitude = data.get("latitude"), data.get("longitude")
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return Unsupported(kind="location")
    return Location(float(latitude), float(longitude), name=_text(data, "name"), address=_text(data, "address"))


_READERS: dict[str, Callable[[Mapping[str, Any]], Content]] = {
    "text": lambda data: Text(_text(data, "text")),
    "choice": _choice,
    "media": _media,
    "card": _card,
    "template": _template,
    "location": _location,
    "unsupported": lambda data: Unsupported(_text(data, "kind")),
    "removed": lambda data: Removed(),
}


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in ("", 0)}
