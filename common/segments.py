"""In how many parts does a text travel as SMS, and in which alphabet? Each part is paid for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# GSM 03.38: one septet each, and those that need an escape before them.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("\f^{}\\[~]|€")
SIZES = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # units of a single part, and of each of several


@dataclass(frozen=True, slots=True)
class Segments:
    """`count` parts in this alphabet; `units` of it are used, `left` more fit before another part begins."""

    encoding: Literal["GSM-7", "UCS-2"]
    count: int
    units: int
    left: int


def of(text: str) -> Segments:
    """How the text would be sent; an empty one is one part, for something has to be sent."""
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if all(one in BASIC or one in ESCAPED for one in text) else "UCS-2"
    widths = [_width(one, encoding) for one in text]
    single, each = SIZES[encoding]
    units = sum(widths)
    if units <= single:
        return Segments(encoding, 1, units, single - units)
    count, used = 1, 0
    for width in widths:
        # A character of two units is never cut in two.
        if used + width > each:
            count, used = count + 1, 0
        used += width
    return Segments(encoding, count, units, each - used)


def _width(character: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if character in ESCAPED else 1
    return 2 if ord(character) > 0xFFFF else 1
