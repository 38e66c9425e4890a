"""What comes of Markdown files that become articles? All of them, or none and a report of every line that is wrong."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from conversations.answers import articles, files
from conversations.answers.files import Read, Trouble
from conversations.models import Article
from customers import audit

Files = Iterable[files.File]


@dataclass(slots=True)
class Report:
    """What an import would do, or has done: names `key/language`; nothing was written if there is any trouble."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def changes(self) -> int:
        return len(self.created) + len(self.updated)


def run(given: Files, *, by: Any = None, is_dry: bool = False, publishes: bool = True) -> Report:
    """Reads every file, then writes what is new or different. The same files again change nothing.

    `publishes`: what was written is found at once; else new ones are drafts, and published ones may not be changed.
    """
    report = Report()
    found = _read(given, report)
    known = {
        (row.key, row.language): row
        for row in Article.objects.defer("search", "words").filter(key__in={one.values["key"] for one in found})
    }
    due = [(one, known.get(_name(one))) for one in found]
    for one, row in due:
        _sort(report, one, row, publishes)
    if is_dry or report.troubles or not report.changes:
        return report
    with transaction.atomic():
        written = [
            articles.write(article=row, values=one.values, by=by)
            for one, row in due
            if row is None or _differs(one, row) or (publishes and row.state == Article.State.DRAFT)
        ]
        if publishes:
            articles.publish(written, by=by)
        actor = f"user:{by.pk}" if by is not None else "command"
        audit.record(actor=actor, action="article.import", rows=len(written))
    return report


def export(rows: Iterable[Article]) -> bytes:
    """An archive with one file for each article, in a folder for its language."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            archive.writestr(f"{row.language}/{row.key}.md", files.write(row))
    return packed.getvalue()


def _read(given: Files, report: Report) -> list[Read]:
    """The files that are in order; two of one article are not."""
    first: dict[tuple[str, str], str] = {}
    found = []
    for file, content in given:
        if isinstance(content, Trouble):
            report.troubles.append(content)
            continue
        one = files.read(file, content)
        report.troubles.extend(one.troubles)
        if one.troubles:
            continue
        name = _name(one)
        if name in first:
            report.troubles.append(Trouble(file, one.line, f"{'/'.join(name)} is in {first[name]} already."))
            continue
        first[name] = file
        found.append(one)
    if not first and not report.troubles:
        report.troubles.append(Trouble("", 1, "There is no Markdown file (.md) in this."))
    return found


def _name(one: Read) -> tuple[str, str]:
    return one.values["key"], one.values["language"].casefold()


def _sort(report: Report, one: Read, row: Article | None, publishes: bool) -> None:
    name = "/".join(_name(one))
    if row is None:
        report.created.append(name)
    elif _differs(one, row):
        report.updated.append(name)
        if row.state == Article.State.PUBLISHED and not publishes:
            text = f"{name} is published: whoever may publish may change it."
            report.troubles.append(Trouble(one.file, one.line, text))
    else:
        list_of = report.updated if publishes and row.state == Article.State.DRAFT else report.unchanged
        list_of.append(name)


def _differs(one: Read, row: Article) -> bool:
    values = {"aliases": [], "audience": Article.Audience.PUBLIC, "hand_over": None, **one.values}
    values |= {"language": one.values["language"].casefold()}
    return any((values[name] or None) != (getattr(row, name) or None) for name in articles.FIELDS)
