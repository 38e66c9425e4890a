"""What did somebody write above their signature, if nothing follows but how a mail ends?"""

from __future__ import annotations

import re

DELIMITER = re.compile(r"^(?:--|—|_{3,})$")  # what follows it is the signature, whatever it says
DEVICE = re.compile(
    r"^(?:sent (?:from|with|via) |get outlook |enviado desde |obtener outlook |(?:von|vom) mein\w* .*gesendet|"
    r"gesendet (?:von|mit) |outlook für |envoyé (?:de|depuis) )",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"^(?:(?:with )?(?:best|kind|kindest|warm|many)?\s*(?:regards|wishes|thanks)|best|cheers|thank you|sincerely|"
    r"yours (?:truly|sincerely|faithfully)|(?:un |muchos )?(?:cordial )?saludos?(?: cordiales)?|atentamente|"
    r"(?:muchas )?gracias|(?:mit )?(?:freundliche|viele|liebe|beste|herzliche|schöne)[nr]? gr(?:uß|üße|üßen)|gruß|"
    r"danke|vielen dank|mfg|lg|vg)[\s,.!]*$",
    re.IGNORECASE,
)
PARTICLES = frozenset(
    ["al", "bin", "da", "de", "del", "den", "der", "di", "dos", "e", "la", "las", "los", "of", "van", "von", "y", "zu"]
)
WORDS = 6  # of a line that names somebody
LINES = 10  # over a signature: what is longer is a letter, and read as it is


def above(text: str) -> str:
    """The lines of a mail over its signature, if it has one; else the text as it is."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = (number for number in range(1, min(len(lines), LINES + 1)) if _is_signature(lines[number:]))
    number = next(said, 0)
    return "\n".join(lines[:number]) if number else text


def _is_signature(lines: list[str]) -> bool:
    is_closed = False
    for line in lines:
        if DELIMITER.match(line):
            return True
        is_closing = CLOSING.match(line) is not None
        if not (is_closing or DEVICE.match(line) or (is_closed and _names(line))):
            return False
        is_closed = is_closed or is_closing
    return True


def _names(line: str) -> bool:
    """A person, a firm, a number: nothing that is said."""
    words = line.split()
    return len(words) <= WORDS and not any(word[0].islower() and word not in PARTICLES for word in words)
