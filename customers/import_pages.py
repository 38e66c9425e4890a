"""What does the page of one import show: the columns with examples, the report, the progress, what was joined?"""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

from django.core.files.storage import default_storage

from common import clock
from customers import (
    definitions,
    mapping,
    mapping_bridges,
    mapping_cells,
    mapping_report,
    mapping_undo,
    mapping_words,
    naming,
)
from customers.mapping_files import FileRefused, Table
from customers.models import Customer, MappingImport

SHOWN = 100  # rows of the report
NEAR = 20  # other rows that take part in joining
EXAMPLES, LONGEST = 3, 40
LOOKS_INTO = 64 << 20  # bytes: in a larger file examples would take seconds
STALLED = timedelta(minutes=2)
State = MappingImport.State
TRUSTS = {"hint": "Hint", "mapping": "Mapping", "attribute": "Attribute", "ignore": "Ignore"}
AT = {State.UPLOADED: 2, State.CHECKED: 3}


def shown(work: MappingImport) -> dict[str, Any]:
    """The context of the page."""
    is_asked = mapping.is_asked(work)
    is_working = is_asked or work.state in (State.CONFIRMED, State.RUNNING)
    may_choose = work.state in (State.UPLOADED, State.CHECKED) and not is_asked
    counts = work.counts.get("run") or work.counts.get("check") or {}
    return {
        "at": AT.get(State(work.state), 4),
        "is_working": is_working,
        "is_stalled": is_working and clock.now() - work.created_at > STALLED,
        "words": mapping_words.progress(work, is_asked),
        "columns": _columns(work) if may_choose else [],
        "trusts": TRUSTS,
        "targets": list(dict.fromkeys([*mapping_cells.ALIASES, *definitions.every()])),
        "doubts": _doubts(work) if may_choose and work.state == State.CHECKED else [],
        "tallies": mapping_words.tallies(counts),
        "counts_are_done": "run" in work.counts,
        "written": mapping_words.written(counts),
        "reasons": _reasons(work),
        "has_cells": bool(work.path),
        "is_kept": work.finished_at is not None and bool(work.path),
        "links": mapping_undo.links(work).count() if work.finished_at else 0,
    }


def _doubts(work: MappingImport) -> list[str]:
    """What may be a slip of the pen: an attribute that nobody has defined, a column that is named and not read."""
    columns = [mapping_cells.Column(**one) for one in work.columns]
    known = {*definitions.every(), *mapping_cells.ALIASES}
    new = [one for one in columns if one.trust == "attribute" and one.target not in known]
    unread = [one for one in columns if one.trust == "ignore" and one.target]
    return [
        *(f"{one.header}: nobody has defined the attribute {one.target}; it would be a new one." for one in new),
        *(f"{one.header}: not read, though it is called {one.target}; its trust is Ignore." for one in unread),
    ]


def _reasons(work: MappingImport) -> list[dict[str, Any]]:
    """The first rows about which something is to be said; of those that join customers: whom, and with which rows."""
    found = list(mapping_report.reasons(work, limit=SHOWN))
    bridges = (
        [row for row, outcome, _ in found if outcome in ("link", "conflict")] if work.state == State.CHECKED else []
    )
    met = mapping_bridges.met(work, bridges) if bridges else {}
    roots = {root for people, _ in met.values() for root in people}
    called, ids = naming.names(roots), dict(Customer.objects.filter(pk__in=roots).values_list("pk", "public_id"))
    return [
        {
            "row": row,
            "outcome": mapping_words.SHORTLY.get(outcome, outcome),
            "words": mapping_words.explained(text),
            "people": [(ids[root], called[root]) for root in met[row][0]] if row in met else [],
            "rows": met[row][1][:NEAR] if row in met else [],
        }
        for row, outcome, text in found
    ]


def _columns(work: MappingImport) -> list[dict[str, Any]]:
    """The columns as they are chosen now, each with a few different cells as examples."""
    seen: list[list[str]] = [[] for _ in work.columns]
    for cells in _first_rows(work):
        for found, cell in zip(seen, cells, strict=False):
            text = cell.strip()[:LONGEST]
            if text and text not in found and len(found) < EXAMPLES:
                found.append(text)
    return [{**one, "samples": found} for one, found in zip(work.columns, seen, strict=True)]


def _first_rows(work: MappingImport) -> list[list[str]]:
    try:
        if default_storage.size(work.path) > LOOKS_INTO:
            return []
        return [cells for _, cells in islice(Table(default_storage.path(work.path)).rows(), 20)]
    except (FileRefused, OSError):
        return []
