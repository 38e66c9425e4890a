"""Does a restored backup remember who was erased since? `manage.py replay_tombstones [--from DIR] [--check]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers import privacy_erasing, privacy_replay, tombstone_log


class Command(BaseCommand):
    help = "Erases anew whoever was erased after this database was saved; `manage.py prepare` does it before a start."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, help="a copy of the folder tombstones/ of the files")
        parser.add_argument("--check", action="store_true", help="only say whether there is something to do")

    def handle(self, *args: Any, folder: Path | None, check: bool, **options: Any) -> None:
        if check:
            if missing := tombstone_log.missing():
                raise CommandError(f"{len(missing)} erasures are not known to this database: it is an older one.")
            self.stdout.write("Every erasure is known.")
            return
        replayed = privacy_replay.replay(folder)
        for work in replayed:
            while not privacy_erasing.go_on(work.pk):
                self.stderr.write("Still erasing.")
        if replayed or options["verbosity"]:
            self.stdout.write(f"{len(replayed)} erasures were carried out again.")
