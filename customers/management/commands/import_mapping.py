"""Imports a file of customers from the command line: what would come of it, or what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.problems import Problem
from customers import mapping, mapping_cells
from customers.models import MappingImport

ACTOR = "command"


class Command(BaseCommand):
    """`import_mapping FILE --map phone=phone:mapping --map Name=name [--check] [--as-of TIME] [--with-links]`"""

    help = "Imports a CSV file of customers: --check says what would come of it; a stopped one goes on with --resume."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="a CSV file")
        parser.add_argument("--map", action="append", default=[], metavar="HEADER=TARGET[:TRUST]")
        parser.add_argument("--check", action="store_true", help="only say what would come of it")
        parser.add_argument(
            "--as-of", metavar="TIME", help="when the file was made (ISO); without it, it only fills in"
        )
        parser.add_argument("--with-links", action="store_true", help="also apply rows that join customers")
        parser.add_argument("--resume", type=UUID, metavar="ID", help="go on with a run that was stopped")

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            self._resume(given["resume"]) if given["resume"] else self._import(given)
        except (Problem, OSError) as problem:
            raise CommandError(getattr(problem, "detail", "") or str(problem)) from problem

    def _import(self, given: dict[str, Any]) -> None:
        if not given["file"]:
            raise CommandError("Name a file, or an import with --resume.")
        with open(given["file"], "rb") as file:
            work = mapping.upload(file=file, name=Path(given["file"]).name, actor=ACTOR)
        try:
            mapping.choose(work=work, columns=self._columns(work, given["map"]), as_of=_time(given["as_of"]))
            counts = mapping.check(work)
        except (Problem, CommandError):
            mapping.cancel(work=work, actor=ACTOR)
            raise
        if not given["check"]:
            mapping.confirm(work=work, actor=ACTOR, with_links=given["with_links"])
            self.stderr.write(f"import {work.public_id}: {work.rows} rows")
            counts = mapping.apply(work)
        self._tell(work, counts)
        if given["check"]:
            mapping.cancel(work=work, actor=ACTOR)

    def _resume(self, public_id: UUID) -> None:
        work = MappingImport.objects.filter(public_id=public_id).first()
        if work is None:
            raise CommandError("There is no such import.")
        self._tell(work, mapping.apply(work))

    def _columns(self, work: MappingImport, maps: list[str]) -> list[mapping_cells.Column]:
        if not maps:
            return [mapping_cells.Column(**one) for one in work.columns]
        chosen = {}
        for text in maps:
            header, _, rest = text.rpartition("=")
            target, _, trust = rest.rpartition(":")
            if trust not in mapping_cells.TRUSTS:  # an issuer has colons of its own
                target, trust = rest, ""
            is_address = target.partition("@")[0] in mapping_cells.KINDS
            chosen[header] = mapping_cells.Column(header, target, trust or ("hint" if is_address else "attribute"))
        headers = [one["header"] for one in work.columns]
        if unknown := sorted(set(chosen) - set(headers)):
            raise CommandError(f"The file has no column {', '.join(unknown)}; it has {', '.join(headers)}.")
        return [chosen.get(header, mapping_cells.Column(header)) for header in headers]

    def _tell(self, work: MappingImport, counts: dict[str, int]) -> None:
        for row, outcome, reason in mapping.reasons(work, limit=1000):
            self.stdout.write(f"row {row}: {outcome}: {reason}")
        self.stdout.write(f"{work.state}: " + ", ".join(f"{n} {outcome}" for outcome, n in sorted(counts.items())))


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError("--as-of takes a time such as 2026-05-03T12:00:00+02:00.") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
