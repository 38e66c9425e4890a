"""How is a stranger's mail parsed so that it costs what its length costs? Few parts, short headers, no deep nesting.

The standard library reads parameters in quadratic time and nested parts by recursion: both are bounded before it looks.
"""

from __future__ import annotations

import re
from email.message import Message
from email.parser import BytesParser

HEADER_MAX = 20_000  # characters of one header
PARAMETERS_MAX = 1_500  # characters of one whose parameters are parsed: that costs their number squared
BLOCK_MAX = 256 * 1024  # characters of all headers of the mail
INNER_MAX = 64 * 1024  # the same of a part
HEADERS_MAX = 1_000
PARTS_MAX = 200  # with the blocks of a delivery report
NESTING_MAX = 50  # parts that hold parts
CONTAINER = re.compile(rb"^content-type:\s{0,20}(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)


class TooMuch(Exception):
    """More parts than a mail program writes."""


class _Bounded(Message):
    """Takes no more and no longer headers than it can afford."""

    room = BLOCK_MAX

    def set_raw(self, name: str, value: str) -> None:
        most = PARAMETERS_MAX if name.lower().startswith("content-") else HEADER_MAX
        kept = value[:most]
        if len(self) < HEADERS_MAX and len(name) + len(kept) <= self.room:
            self.room -= len(name) + len(kept)
            super().set_raw(name, kept)


class _Counted:
    """Makes the parts of one mail, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, policy: object = None) -> Message:
        self.count += 1
        if self.count > PARTS_MAX:
            raise TooMuch
        made = _Bounded()
        made.room = BLOCK_MAX if self.count == 1 else INNER_MAX
        return made


def parsed(raw: bytes) -> tuple[Message, bool]:
    """(the message, whether its parts could be read); when not, it has its header only. Never raises."""
    try:
        if sum(1 for _ in CONTAINER.finditer(raw)) <= NESTING_MAX:
            return BytesParser(_class=_Counted()).parsebytes(raw), True
    except Exception:  # noqa: BLE001 -- the intake's fall-back: the raw mail is kept, and shown by its header
        pass
    return header(raw), False


def header(raw: bytes) -> Message:
    """The header alone, with no body at all; an empty one if not even that can be read."""
    try:
        found = BytesParser(_class=_Counted()).parsebytes(raw[: BLOCK_MAX * 2], headersonly=True)
        found.set_payload("")
        return found
    except Exception:  # noqa: BLE001 -- see above
        return Message()
