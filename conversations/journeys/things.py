"""What is a place or a file that a customer sent, as a value of a run?"""

from __future__ import annotations

import re
from typing import Any

from conversations.content import Content, Location, Media
from conversations.journeys import expressions

_DEGREES = r"(-?\d{1,3}(?:\.\d{1,12})?)"
_WRITTEN = re.compile(rf"\s*{_DEGREES}\s*[,; ]\s*{_DEGREES}\s*")
_LINKED = re.compile(rf"https://\S{{0,300}}?(?:[@=]|q=|ll=){_DEGREES}(?:,|%2C){_DEGREES}")
_OSM = re.compile(rf"https://\S{{0,200}}?mlat={_DEGREES}&mlon={_DEGREES}")


def place(content: Content | None, said: str) -> dict[str, Any] | None:
    """`{latitude, longitude, name, address, label}` of a shared place, of written coordinates or of a map's link."""
    if isinstance(content, Location):
        return _place(content.latitude, content.longitude, content.name, content.address)
    said = said[:500]
    found = _WRITTEN.fullmatch(said) or _LINKED.search(said) or _OSM.search(said)
    return _place(float(found[1]), float(found[2])) if found else None


def known_place(value: dict[str, Any]) -> dict[str, Any] | None:
    """The same of a place that is kept with the customer, by whoever; None where it has no point on the map."""
    latitude, longitude = (expressions.number(value.get(name)) for name in ("latitude", "longitude"))
    if latitude is None or longitude is None:
        return None
    name, address = (str(value.get(part) or "")[:500] for part in ("name", "address"))
    return _place(latitude, longitude, name, address)


def _place(latitude: float, longitude: float, name: str = "", address: str = "") -> dict[str, Any] | None:
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    label = ", ".join(part for part in (name, address) if part) or f"{latitude:.5f}, {longitude:.5f}"
    named = {"name": name, "address": address, "label": label}
    return {"latitude": round(latitude, 6), "longitude": round(longitude, 6)} | named


def file(content: Content | None) -> dict[str, Any] | None:
    """`{kind, name, mime_type, size, attachment, label}` of a file that came; `attachment` is our id of it."""
    if not isinstance(content, Media):
        return None
    return {
        "kind": content.kind,
        "name": content.filename,
        "mime_type": content.mime_type,
        "size": content.size,
        "attachment": content.attachment,
        "label": content.filename or content.kind,
    }
