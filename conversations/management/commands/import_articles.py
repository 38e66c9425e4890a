"""Imports articles from Markdown: a file, a folder or an archive; says every line that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.answers import files, importing


class Command(BaseCommand):
    """`import_articles PATH [--check] [--draft]`"""

    help = "Imports articles from a Markdown file, a folder of them or a ZIP; the same again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", help="a file (.md), a folder, or a .zip")
        parser.add_argument("--check", action="store_true", help="only say what would come of it")
        parser.add_argument(
            "--draft", action="store_true", help="new articles are drafts until somebody publishes them"
        )

    def handle(self, *args: Any, path: str, check: bool, draft: bool, **options: Any) -> None:
        try:
            report = importing.run(files.from_path(Path(path)), is_dry=check, publishes=not draft)
        except OSError as error:
            raise CommandError(str(error)) from error
        for trouble in report.troubles:
            self.stderr.write(str(trouble))
        if report.troubles:
            raise CommandError(f"Nothing was imported: {len(report.troubles)} to mend.")
        done = "would be" if check else "were"
        counts = f"{len(report.created)} new and {len(report.updated)} changed articles {done} written"
        self.stdout.write(f"{counts}, {len(report.unchanged)} are as they were.")
