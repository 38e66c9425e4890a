"""Is this body the base64 of a long SMS that a carrier put together badly? Decoded only if it plainly is."""

from __future__ import annotations

import base64
import re

SHORTEST = 60  # characters: only long messages are put together, and a short word may look like anything
SHAPE = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def plain(body: str) -> str:
    """The body, decoded if it is base64 of a readable text."""
    if len(body) < SHORTEST or len(body) % 4 or not SHAPE.fullmatch(body):
        return body
    try:
        found = base64.b64decode(body, validate=True).decode()
    except ValueError:
        return body
    return found if _is_readable(found) else body


def _is_readable(text: str) -> bool:
    """Words have blanks, nothing that cannot be printed, and mostly plain letters."""
    printable = all(character.isprintable() or character in "\n\r\t" for character in text)
    simple = sum(character.isascii() for character in text)
    return printable and simple * 2 >= len(text) and (" " in text or "\n" in text)
