"""Writes every article as Markdown into an archive that `import_articles` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from conversations.answers import importing
from conversations.models import Article


class Command(BaseCommand):
    """`export_articles FILE.zip [--published]`"""

    help = "Writes all articles into a ZIP, one Markdown file each, in a folder for each language."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the .zip to write")
        parser.add_argument("--published", action="store_true", help="leave drafts out")

    def handle(self, *args: Any, file: str, published: bool, **options: Any) -> None:
        rows = Article.objects.defer("search", "words").order_by("language", "key")
        if published:
            rows = rows.filter(state=Article.State.PUBLISHED)
        Path(file).write_bytes(importing.export(rows))
        self.stdout.write(f"{rows.count()} articles were written to {file}.")
