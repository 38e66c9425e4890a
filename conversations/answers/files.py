"""How does an article look as a Markdown file, and what is wrong with one? Front matter, then the answer.

---
key: delivery-times
language: en
title: Delivery times
aliases: [how long does delivery take]
audience: public                       # or private
valid: {from: 2026-11-01, to: 2026-12-24}
hand_over: {skill: sales, referrer: delivery}
---
Delivery takes **three to five** working days.
"""

from __future__ import annotations

import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from conversations.answers import articles
from conversations.journeys.loader import Loaded, LoadRefused, load
from conversations.models import Article

KEYS = ("key", "language", "title", "aliases", "audience", "valid", "hand_over")
FENCE = "---"
YEARS = 1900, 9998
FILES_MOST, FILE_MOST, ALL_MOST = 20_000, 64 << 10, 64 << 20  # files, bytes of one, bytes of all


ENCRYPTED = 0x1  # of an entry's flags
# A compression that is not known is a RuntimeError.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, EOFError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong where; a line counts from 1."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Read:
    """One file: its article's fields, or what is wrong with it."""

    file: str
    values: dict[str, Any]
    troubles: tuple[Trouble, ...] = ()
    line: int = 1  # of the key


File = tuple[str, bytes | Trouble]  # its name, and what it holds or why that cannot be read


def from_path(path: Path) -> Iterator[File]:
    """The Markdown files of a folder, or the one file, or those in an archive; raises OSError."""
    if path.is_dir():
        for found in sorted(path.rglob("*.md")):
            yield str(found.relative_to(path)), found.read_bytes()[: FILE_MOST + 1]
    else:
        with path.open("rb") as file:
            yield from from_upload(file, path.name)


def from_upload(file: IO[bytes], name: str) -> Iterator[File]:
    """The one Markdown file, or those in an archive; of each at most one byte more than is allowed. Raises OSError."""
    if not zipfile.is_zipfile(file):
        file.seek(0)
        yield name, file.read(FILE_MOST + 1)
        return
    try:
        archive = zipfile.ZipFile(file)
    except BROKEN:
        yield name, Trouble(name, 1, "This archive is broken.")
        return
    yield from _from_archive(archive, name)


def _from_archive(archive: zipfile.ZipFile, name: str) -> Iterator[File]:
    left = ALL_MOST
    with archive:
        for number, entry in enumerate(archive.infolist()):
            if entry.is_dir() or not entry.filename.endswith(".md") or entry.filename.startswith("__MACOSX/"):
                continue
            content = _member(archive, entry)
            left -= len(content) if isinstance(content, bytes) else 0
            if left < 0 or number >= FILES_MOST:
                raise OSError(f"{name} holds more than {FILES_MOST:,} files or {ALL_MOST >> 20} MB")
            yield entry.filename, content


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | Trouble:
    if entry.flag_bits & ENCRYPTED:
        return Trouble(entry.filename, 1, "This file is encrypted.")
    try:
        with archive.open(entry) as member:
            return member.read(FILE_MOST + 1)
    except BROKEN:
        return Trouble(entry.filename, 1, "This file cannot be unpacked: pack it again.")


def read(file: str, content: bytes) -> Read:
    """The article of one file. Never raises."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return _bad(file, content[: error.start].count(b"\n") + 1, "This is not UTF-8.")
    if len(content) > FILE_MOST or "\x00" in text:
        return _bad(file, 1, f"A file has at most {FILE_MOST >> 10} KiB of text.")
    lines = text.split("\n")
    if lines[0].strip() != FENCE or FENCE not in (line.strip() for line in lines[1:]):
        return _bad(file, 1, "A file begins with its front matter between two lines of ---.")
    end = next(number for number, line in enumerate(lines[1:], start=1) if line.strip() == FENCE)
    try:
        front = load("\n".join(lines[1:end]))
    except LoadRefused as refusal:
        return _bad(file, refusal.line + 1, f"{refusal.message[:1].upper()}{refusal.message[1:]}.")
    if not isinstance(front.data, dict):
        return _bad(file, 2, "The front matter is a mapping: key, language, title and so on.")
    return _article(file, front, "\n".join(lines[end + 1 :]).strip(), end + 2)


def write(article: Article) -> str:
    """The file of an article; `read` gives the same fields back."""
    front: dict[str, Any] = {"key": article.key, "language": article.language, "title": article.title}
    front |= {"aliases": article.aliases} if article.aliases else {}
    front |= {"audience": article.audience}
    valid = {"from": article.valid_from, "to": article.valid_to}
    if any(valid.values()):
        front["valid"] = {name: at.isoformat() for name, at in valid.items() if at}
    front |= {"hand_over": article.hand_over} if article.hand_over else {}
    # What JSON writes of a value is YAML, too.
    rows = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in front.items()]
    return "\n".join([FENCE, *rows, FENCE, article.body.strip(), ""])


def _article(file: str, front: Loaded, body: str, body_line: int) -> Read:
    given = front.data
    lines = {path[0]: line + 1 for path, line in front.lines.items() if path}
    troubles = [
        Trouble(file, lines.get(name, 2), f"There is no {name} in an article: {', '.join(KEYS)}.")
        for name in given
        if name not in KEYS
    ]
    values = {name: value for name, value in given.items() if name in KEYS and name != "valid"} | {"body": body}
    texts = {name: value for name, value in values.items() if name not in ("aliases", "hand_over")}
    for name in (name for name, value in texts.items() if not isinstance(value, str)):
        troubles.append(Trouble(file, lines.get(name, 2), f"The {name} is a text: put it in quotes."))
    try:
        values |= _valid(given.get("valid"))
    except ValueError as error:
        troubles.append(Trouble(file, lines.get("valid", 2), str(error)))
    if not troubles:
        found = articles.check(values).items()
        at = lines | {"body": body_line, "valid_to": lines.get("valid", 2)}
        troubles = [Trouble(file, at.get(name, 1), text) for name, text in found]
    return Read(file, values, tuple(troubles), lines.get("key", 1))


def _valid(given: Any) -> dict[str, datetime | None]:
    """`{from, to}`: a day counts from its beginning, or to its end; UTC unless the time says otherwise."""
    if given is None:
        return {"valid_from": None, "valid_to": None}
    if not isinstance(given, Mapping) or not set(given) <= {"from", "to"}:
        raise ValueError("This is a mapping with from and to.")
    return {f"valid_{name}": _moment(given.get(name), is_end=name == "to") for name in ("from", "to")}


def _moment(given: Any, *, is_end: bool) -> datetime | None:
    if given is None:
        return None
    try:
        day = date.fromisoformat(str(given))
    except ValueError:
        try:
            at = datetime.fromisoformat(str(given))
        except ValueError:
            raise ValueError(f"{str(given)[:40]} is no day and no time: write 2026-12-24.") from None
        return _near(at if at.tzinfo else at.replace(tzinfo=UTC))
    return _near(datetime.combine(day, time(), UTC)) + (timedelta(days=1) if is_end else timedelta())


def _near(at: datetime) -> datetime:
    """A time that every time zone can show."""
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise ValueError(f"{at:%Y-%m-%d} is too far away: leave it out if it has no end.")
    return at


def _bad(file: str, line: int, text: str) -> Read:
    return Read(file, {}, (Trouble(file, line, text),))
