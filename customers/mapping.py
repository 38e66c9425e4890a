"""How does a file of customers come in? Checked as a whole first, then in chunks that a crash or a person may stop.

WrongState   the import is not where this could be done
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction

from common import clock
from common.problems import Problem
from customers import (
    audit,
    mapping_bridges,
    mapping_cells,
    mapping_chunks,
    mapping_graph,
    mapping_lanes,
    mapping_parked,
    mapping_report,
    mapping_stage,
)
from customers.mapping_cells import Column
from customers.mapping_files import FileRefused, Table
from customers.mapping_lanes import Lanes
from customers.mapping_report import reasons
from customers.models import MappingImport

__all__ = [
    "WrongState",
    "apply",
    "ask",
    "cancel",
    "check",
    "check_or_fail",
    "choose",
    "confirm",
    "is_asked",
    "reasons",
    "tally",
    "upload",
]
TRIES, DEADLOCK = 5, "40P01"
LOOK = 20_000  # rows of the dry run, which locks nothing
TALLY = "SELECT outcome, count(*) FROM customers_importrow WHERE import_id = %(id)s"
APPLIED = "component < %(next)s AND outcome <> 'link'"  # a row that joins comes after all others
State = MappingImport.State


class WrongState(Problem):
    code, title, status = "import_state", "The import is not in a state in which this can be done.", 409


def upload(*, file: IO[bytes], name: str, actor: str) -> MappingImport:
    """Keeps the file until it was run or given up; its header proposes what the columns mean. `FileRefused`."""
    work = MappingImport(name=name[:255], created_by=actor)
    work.path = default_storage.save(f"imports/{work.public_id}.csv", File(file))
    with ExitStack() as undone:
        undone.callback(default_storage.delete, work.path)  # whatever goes wrong, no file stays that no row knows of
        table = Table(default_storage.path(work.path))
        with default_storage.open(work.path) as stored:
            work.sha256 = hashlib.file_digest(stored, "sha256").hexdigest()
        work.columns = mapping_cells.plain(mapping_cells.guess(table.header))
        with transaction.atomic():
            work.save(force_insert=True)
            audit.record(actor=actor, action="import.upload", object_id=str(work.public_id))
        undone.pop_all()
    return work


def choose(*, work: MappingImport, columns: Sequence[dict[str, Any] | Column], as_of: datetime | None = None) -> None:
    """What each column means and how far it is trusted, chosen by a person; a check must follow. `BadColumns`."""
    _expect(work, State.UPLOADED, State.CHECKED)
    work.columns, work.as_of = mapping_cells.plain(mapping_cells.columns(columns)), as_of
    work.state, work.counts = State.UPLOADED, {}
    work.save(update_fields=["columns", "as_of", "state", "counts"])


def ask(work: MappingImport) -> None:
    """Somebody waits for the check, which runs elsewhere."""
    _expect(work, State.UPLOADED)
    work.counts = {"asked": clock.now().isoformat()}
    work.save(update_fields=["counts"])


def is_asked(work: MappingImport) -> bool:
    """Is it to be checked, or checked just now?"""
    return work.state == State.UPLOADED and "asked" in work.counts


def check(work: MappingImport) -> dict[str, int]:
    """The dry run: stages the file and says what would come of each row, by outcome. Changes no customer."""
    _expect(work, State.UPLOADED, State.CHECKED)
    table, columns = Table(default_storage.path(work.path)), mapping_cells.columns(work.columns)
    work.rows = mapping_stage.load(work, table, columns)
    with transaction.atomic():
        mapping_graph.settle(work.pk, work.rows)
    for first in range(1, work.rows + 1, LOOK):
        with transaction.atomic():
            mapping_chunks.look(work, first, min(first + LOOK - 1, work.rows))
    mapping_bridges.judge(work)
    work.counts = {"check": tally(work)}
    work.state, work.next_row = State.CHECKED, 1
    work.save(update_fields=["rows", "counts", "state", "next_row"])
    return dict(work.counts["check"])


def check_or_fail(work: MappingImport) -> None:
    """The dry run, for nobody who waits: a file that cannot be read ends the import, with the reason."""
    try:
        check(work)
    except FileRefused as refusal:
        _end(work, State.FAILED, reason=refusal.detail[:255])


def confirm(*, work: MappingImport, actor: str, with_links: bool = False) -> None:
    """A person read the report and wants it; `with_links`: also the rows that join customers."""
    _expect(work, State.CHECKED)
    work.state, work.confirmed_by, work.with_links = State.CONFIRMED, actor, with_links
    work.save(update_fields=["state", "confirmed_by", "with_links"])
    reason = "with links" if with_links else ""
    audit.record(actor=actor, action="import.confirm", object_id=str(work.public_id), rows=work.rows, reason=reason)


def cancel(*, work: MappingImport, actor: str) -> None:
    """Stops it after the chunk at hand; what was applied stays."""
    with transaction.atomic():
        held = MappingImport.objects.select_for_update(no_key=True).get(pk=work.pk)
        _expect(held, State.UPLOADED, State.CHECKED, State.CONFIRMED, State.RUNNING)
        audit.record(actor=actor, action="import.cancel", object_id=str(held.public_id), rows=held.next_row - 1)
        if held.next_row > 1:
            held.counts = {**held.counts, "run": tally(held, APPLIED)}
            held.save(update_fields=["counts"])
        _end(held, State.CANCELLED)
    work.refresh_from_db()


def apply(work: MappingImport) -> dict[str, int]:
    """Runs what was confirmed, or goes on where a run stopped; twice at once is harmless. The rows by outcome."""
    learns_at = 1
    with mapping_lanes.opened(work) as lanes:
        for number in itertools.count(1):
            if not _step_or_again(work.pk, lanes):
                break
            if number == learns_at:
                mapping_chunks.learn()
                learns_at *= 4
    work.refresh_from_db()
    return dict(work.counts.get("run", {}))


def tally(work: MappingImport, which: str = "true") -> dict[str, int]:
    """The rows by outcome, as the dry run or the run left them; `which`: a condition in SQL."""
    given = {"id": work.pk, "next": work.next_row}
    with connection.cursor() as cursor:
        cursor.execute(f"{TALLY} AND {which} GROUP BY 1", given)
        return dict(cursor.fetchall())


def _step_or_again(import_id: int, lanes: Lanes) -> bool:
    """Who lost a deadlock begins the chunk again; nothing of it is there."""
    for _ in range(TRIES - 1):
        try:
            return _step(import_id, lanes)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != DEADLOCK or connection.in_atomic_block:
                raise
    return _step(import_id, lanes)


def _step(import_id: int, lanes: Lanes) -> bool:
    """The next chunks, and in the same transaction the place where the next begin; is there more to do?"""
    with transaction.atomic():
        work = MappingImport.objects.select_for_update(no_key=True).get(pk=import_id)
        if work.state not in (State.CONFIRMED, State.RUNNING):
            return False
        if not _is_staged(work):
            _end(work, State.FAILED, reason="The staged rows are gone: hand in the file again.")
            return False
        if work.next_row <= work.rows:
            work.state, work.next_row = State.RUNNING, lanes.run(work)
            work.save(update_fields=["state", "next_row"])
            return True
    mapping_bridges.join(work, mapping_chunks.apply)
    with transaction.atomic():
        _finish(work)
    return False


def _is_staged(work: MappingImport) -> bool:
    """Is what was staged still there? A crash of the database empties it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM customers_importrow WHERE import_id = %s)", [work.pk])
        return bool(cursor.fetchone()[0]) or not work.rows


def _finish(work: MappingImport) -> None:
    mapping_parked.settle(work)
    work.counts = {**work.counts, "run": tally(work)}
    work.save(update_fields=["counts"])
    audit.record(actor=work.confirmed_by, action="import.done", object_id=str(work.public_id), rows=work.rows)
    _end(work, State.DONE, kept=mapping_report.keep(work))


def _end(work: MappingImport, state: str, reason: str = "", kept: str = "") -> None:
    """Nothing personal stays but the left-out rows, for some days: neither the file nor what was staged of it."""
    if work.path:
        default_storage.delete(work.path)
    mapping_stage.clear(work.pk, keep_reasons=True)
    work.state, work.reason, work.path, work.finished_at = state, reason, kept, clock.now()
    work.save(update_fields=["state", "reason", "path", "finished_at"])


def _expect(work: MappingImport, *states: str) -> None:
    if work.state not in states:
        raise WrongState(f"The import is {work.state}.")
