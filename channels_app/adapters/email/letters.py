"""What does a raw message say? Sender, subject, ids, words and files, read by imap-tools; no field is ever demanded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeVar

from imap_tools import MailMessage
from imap_tools.utils import decode_value

from channels_app.adapters.email import bounded

T = TypeVar("T")
ID = re.compile(r"<[^<>\s]{1,250}>")
ADDRESS = re.compile(r"^[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]{1,190}$")
LOOSE = re.compile(r"[^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]{1,190}")
LONGEST = 20_000  # characters of an address header
HTML_MAX = 1_000_000  # characters
REFERENCES = 20
PARTS_MAX = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a message; `number` is its place among the files."""

    number: int
    name: str
    media_type: str
    content: Callable[[], bytes]


@dataclass
class Letter:
    """One message. Every property answers something, whatever the bytes are; `is_whole`: the parts are read, too."""

    raw: bytes
    found: MailMessage = field(init=False)
    is_whole: bool = field(init=False)

    def __post_init__(self) -> None:
        self.found = MailMessage.from_bytes(b"")
        self.found.obj, self.is_whole = bounded.parsed(self.raw)

    @property
    def mime(self) -> Message:
        return self.found.obj

    def header(self, name: str) -> str:
        """A header's first value, unfolded and decoded; '' if there is none."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        """All values of a header, in their order."""
        return [_decoded(value) for value in self._values(name)]

    def raw_headers(self, name: str) -> list[str]:
        """All values as they were written, unfolded: for what must not be decoded (authentication)."""
        return [" ".join(str(value).split()) for value in self._values(name)]

    def lines(self) -> list[tuple[str, str]]:
        """All headers in their order, as they were written: (name in lower case, unfolded value)."""
        return [(name.lower(), " ".join(str(value).split())) for name, value in self.mime.items()]

    def _values(self, name: str) -> list[Any]:
        nothing: list[Any] = []
        return _safely(lambda: self.mime.get_all(name) or nothing, nothing)

    @cached_property
    def senders(self) -> list[tuple[str, str]]:
        """(name, address) of everybody in `From`: an honest mail has one."""
        return self.addresses("From")

    @cached_property
    def sender(self) -> tuple[str, str]:
        """(name, address in lower case) of the sender, ('', '') if nothing there is an address."""
        found = self.senders or self.addresses("Sender") or self.addresses("Reply-To")
        name, address = found[0] if found else ("", "")
        return name[:120], address.lower()

    def addresses(self, *names: str) -> list[tuple[str, str]]:
        """(name, address) of every real address in these headers."""
        values = [value for name in names for value in self.raw_headers(name)]
        return [found for value in values for found in _addresses(value[:LONGEST])]

    @cached_property
    def recipients(self) -> list[str]:
        """Every address it may have come to, in lower case."""
        names = ("Delivered-To", "X-Original-To", "X-Envelope-To", "To", "Cc", "Bcc")
        return [address.lower() for _, address in self.addresses(*names)]

    @cached_property
    def message_id(self) -> str:
        """The Message-ID with its brackets, '' if there is none."""
        said = self.headers("Message-ID")  # decoded: some programs write long ids as encoded words
        return _ids(said[0])[0] if said and _ids(said[0]) else ""

    @cached_property
    def references(self) -> list[str]:
        """The messages that it answers, the nearest last."""
        said = [*self.headers("References"), *self.headers("In-Reply-To")]
        return list(dict.fromkeys(_ids(" ".join(said))))[-REFERENCES:]

    @property
    def subject(self) -> str:
        return " ".join(self.header("Subject").split())[:300]

    def date(self, otherwise: datetime) -> datetime:
        """The date it names, if that can be."""
        found = _safely(lambda: self.found.date, None)
        if not isinstance(found, datetime) or not 1990 < found.year < 2100:
            return otherwise
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def received(self, latest: datetime) -> datetime | None:
        """When the last server took it, by its own clock; None if none says so."""
        said = next(iter(self.raw_headers("Received")), "").rpartition(";")[2]
        found = _safely(lambda: parsedate_to_datetime(said), None) if said else None
        if found is None:
            return None
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found if found.year > 1990 and found <= latest else None

    @property
    def text(self) -> str:
        return _storable(_safely(lambda: self.found.text, ""))

    @property
    def html(self) -> str:
        """Not by the library's own property: it looks for a charset in time that grows with the square."""
        return _storable(_safely(lambda: "".join(_html(part) for part in self.mime.walk())[: HTML_MAX + 1], ""))

    @cached_property
    def parts(self) -> list[Part]:
        """The files, those inside of the text included."""
        found: list[Any] = _safely(lambda: self.found.attachments[:PARTS_MAX], [])
        return [self._part(number, one) for number, one in enumerate(found)]

    def _part(self, number: int, one: Any) -> Part:
        media_type = _safely(lambda: one.content_type, "application/octet-stream")
        name = _safely(lambda: one.filename, "") or ("message.eml" if media_type == "message/rfc822" else "")
        content: Callable[[], bytes] = lambda: _safely(lambda: one.payload, b"") or b""  # noqa: E731 -- said once
        return Part(number, _storable(name)[:200], _storable(media_type)[:100], content)


def _html(part: Message) -> str:
    if part.get_content_type() != "text/html" or part.get_filename():
        return ""
    content = part.get_payload(decode=True)
    given = content[: HTML_MAX * 4] if isinstance(content, bytes) else b""
    return str(decode_value(given, part.get_content_charset()))[: HTML_MAX + 1]


def _addresses(value: str) -> list[tuple[str, str]]:
    """What the library reads, else whatever stands in angle brackets or looks like an address."""
    nothing: list[tuple[str, str]] = []
    pairs = _safely(lambda: getaddresses([value]), nothing)
    found = [(_decoded(name), address.strip()) for name, address in pairs if ADDRESS.match(address.strip())]
    return found or [("", address) for address in LOOSE.findall(value)[:1] if ADDRESS.match(address)]


def _ids(said: str) -> list[str]:
    return ID.findall(_storable(said))


def _decoded(value: object) -> str:
    """A header's words; what is not decodable is shown as it stands."""
    said = str(value)
    decoded = _safely(lambda: str(make_header(decode_header(said))), said) if "=?" in said else said
    return _storable(" ".join(decoded.split()))


def _storable(value: object) -> str:
    said = value if isinstance(value, str) else ""
    return said.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _safely(read: Callable[[], T], otherwise: T) -> T:
    """What the e-mail libraries raise on strangers' bytes is without end; one bad header must not cost the mail."""
    try:
        return read()
    except Exception:  # noqa: BLE001 -- see above; the raw event is kept
        return otherwise
