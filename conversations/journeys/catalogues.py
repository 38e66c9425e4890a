"""How do translations leave for a translator, and come back? CSV and PO, one language a file, all or nothing.

Broken   what is wrong with a file, with its row (422); nothing was written
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polib

from common.problems import Problem
from conversations.journeys import drafts, reading, templates, translating
from conversations.journeys.translating import Entry
from conversations.models import Journey

LARGEST = 2 << 20  # bytes
LONGEST = 4000
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take it for a formula
CONTEXT = "msgctxt"


class Broken(Problem):
    """The file cannot be read, or a row of it cannot be taken; `extra["row"]` counts from 1."""

    code = "translations_broken"
    title = "This file of translations cannot be taken."
    status = 422


@dataclass(frozen=True, slots=True)
class Row:
    """One translated text of a file: `base` is what it was made of, `is_unsure` what the translator marked so."""

    number: int
    key: str
    base: str
    words: str
    is_unsure: bool = False


@dataclass(slots=True)
class Taken:
    """What an import came to: how many texts were written, and the rows about which something is to be said."""

    revision: int
    written: int = 0
    notes: list[str] = field(default_factory=list)


def exported(journey: Journey, data: Mapping[str, Any], language: str, form: str) -> str:
    """The texts of a draft's data in one language, as `csv` or `po`."""
    entries, base = translating.entries(data, language, journey.translated), translating.base(data)
    if form == "po":
        return to_po(entries, journey.key, base, language)
    return to_csv(entries, base, language)


def to_csv(entries: Iterable[Entry], base: str, language: str) -> str:
    """`key`, the words in both languages, and the state; what a spreadsheet might run is marked by an apostrophe."""
    out = io.StringIO()
    out.write("\ufeff")  # without it spreadsheets on Windows take UTF-8 for an older code
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["key", base, language, "state"])
    rows.writerows([entry.key, _safe(entry.base), _safe(entry.words), entry.state] for entry in entries)
    return out.getvalue()


def to_po(entries: Iterable[Entry], journey: str, base: str, language: str) -> str:
    """A PO file with the key as context; what is stale is marked fuzzy."""
    book = polib.POFile(wrapwidth=0)
    book.metadata = {
        "Project-Id-Version": journey,
        "X-Source-Language": base,
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    for entry in entries:
        flags = ["fuzzy"] if entry.state == "stale" else []
        book.append(polib.POEntry(msgctxt=entry.key, msgid=entry.base, msgstr=entry.words, flags=flags))
    return str(book) + "\n"


def take(*, journey: Journey, language: str, name: str, content: bytes, by: Any) -> Taken:
    """Writes a file's translations into the draft; `Broken` names the row. What it leaves empty stays as it is."""
    if not translating.LANGUAGE.fullmatch(language):
        raise Broken(f"{language[:20]} is not a language: two small letters, such as es", row=0)
    text = _text(content)
    rows = from_po(text) if name.lower().endswith((".po", ".pot")) else from_csv(text, language)
    return put(journey=journey, language=language, rows=rows, seen=journey.draft_revision, by=by)


def put(*, journey: Journey, language: str, rows: Sequence[Row], seen: int, by: Any) -> Taken:
    """Writes these translations into the draft; of a base text that has changed since, the translation is stale."""
    loaded = reading.shaped(journey.draft)
    if loaded is None:
        raise Broken("the draft has not the shape of a journey: mend it first", row=0)
    bases = translating.lines(loaded.data)
    words = dict(loaded.data.get("translations", {}).get(language, {}))
    taken, made_of = Taken(seen), {}
    for row in rows:
        if row.key not in bases:
            taken.notes.append(f"row {row.number}: there is no text {row.key} (any more); it was left out")
        elif row.words:
            _refuse_unfit(row)
            taken.written += words.get(row.key) != row.words
            words[row.key] = row.words
            made_of[row.key] = "unsure" if row.is_unsure else translating.digest(row.base)
            if row.base != bases[row.key]:
                taken.notes.append(f"row {row.number}: the original of {row.key} was changed since; it is marked stale")
    text = translating.written(journey.draft, language, words)
    saved = drafts.save(journey_id=journey.pk, text=text, seen=seen, by=by, translated={language: made_of})
    taken.revision = saved.draft_revision
    return taken


def from_csv(text: str, language: str) -> list[Row]:
    """The rows of a CSV file: the columns `key`, the base language second, and `language`."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=";" if _is_semicolon(text) else ",", strict=True)
    found: list[Row] = []
    try:
        head = [cell.strip() for cell in next(table, [])]
        if head[:1] != ["key"] or language not in head[2:]:
            raise Broken(f"the first row must be: key, the original's language, {language}", row=1)
        column, width = head.index(language, 2), len(head)
        for number, cells in enumerate(table, start=2):
            if cells and len(cells) != width:
                raise Broken(f"row {number}: {len(cells)} cells where the first row has {width}", row=number)
            if cells:
                state = cells[head.index("state")].strip() if "state" in head else ""
                found.append(
                    Row(number, cells[0].strip(), _plain(cells[1]), _plain(cells[column]), is_unsure=state == "stale")
                )
    except csv.Error as error:
        raise Broken(f"row {len(found) + 2}: not valid CSV: {error}", row=len(found) + 2) from None
    return _once(found)


def from_po(text: str) -> list[Row]:
    """The entries of a PO file; each has its key as context."""
    try:
        # A leading line break: polib would open a file of this name, if there were one.
        book = polib.pofile("\n" + text, wrapwidth=0)
    except (OSError, UnicodeDecodeError) as error:
        found = re.search(r"line (\d+)", str(error))
        row = int(found[1]) - 1 if found else 1
        raise Broken(f"row {row}: not a valid PO file", row=row) from None
    rows = []
    for entry in book:
        row = max(1, (entry.linenum or 1) - 1)
        if entry.obsolete:
            continue
        if not entry.msgctxt:
            raise Broken(f"row {row}: an entry without {CONTEXT}, which names the text", row=row)
        rows.append(Row(row, entry.msgctxt, entry.msgid, entry.msgstr, is_unsure=entry.fuzzy))
    return _once(rows)


def _once(rows: list[Row]) -> list[Row]:
    seen: dict[str, int] = {}
    for row in rows:
        if row.key in seen:
            raise Broken(f"row {row.number}: {row.key} stands in row {seen[row.key]} already", row=row.number)
        seen[row.key] = row.number
    return rows


def _refuse_unfit(row: Row) -> None:
    if len(row.words) > LONGEST:
        raise Broken(f"row {row.number}: longer than {LONGEST} characters", row=row.number)
    if any("\ud800" <= sign <= "\udfff" or sign == "\x00" for sign in row.words):
        raise Broken(f"row {row.number}: a character is not allowed", row=row.number)
    try:
        templates.compile(row.words)
    except templates.TemplateRefused as error:
        raise Broken(f"row {row.number}: the words of {row.key}: {error}", row=row.number) from None


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise Broken(f"larger than {LARGEST >> 20} MB", row=0)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise Broken(f"row {row}: not UTF-8; save the file as UTF-8", row=row) from None


def _is_semicolon(text: str) -> bool:
    first = text.partition("\n")[0]
    return first.count(";") > first.count(",")


def _safe(words: str) -> str:
    return "'" + words if words.startswith((*RISKY, "'")) else words


def _plain(words: str) -> str:
    return words[1:] if words[:1] == "'" and words[1:].startswith((*RISKY, "'")) else words


def header(name: str, language: str, form: str) -> Mapping[str, str]:
    """The headers of a download."""
    return {"Content-Disposition": f'attachment; filename="{name}.{language}.{form}"'}
