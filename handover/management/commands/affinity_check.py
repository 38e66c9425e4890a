"""Does everybody's last agent follow from the events? `manage.py affinity_check [--repair]`; exit 1 if not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from handover import checking


class Command(BaseCommand):
    help = "Compares who helped each customer last with what agents have answered and closed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="write what is missing")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        drifted = checking.check(repair=repair)
        if drifted and not repair:
            raise CommandError(f"The last agent of {len(drifted)} customers is not known; run with --repair.")
        said = f"{len(drifted)} customers were put right." if drifted else "Everybody's last agent is known."
        self.stdout.write(said)
