"""Do the customers' roots follow from their links? `manage.py identity_check [--repair]`; exit 1 if they do not."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers import merging


class Command(BaseCommand):
    help = "Compares every customer's root with the links in the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="put right what differs")

    def handle(self, *args: Any, repair: bool, **options: Any) -> None:
        drifted = merging.check(repair=repair)
        if drifted and not repair:
            raise CommandError(f"{len(drifted)} customers are not where their links put them; run with --repair.")
        self.stdout.write(f"{len(drifted)} customers were put right." if drifted else "Every root follows its links.")
