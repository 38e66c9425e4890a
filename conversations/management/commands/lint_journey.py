"""Says what the linter finds in journeys: files, drafts, and those of the library."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations.journeys import loader, publishing
from conversations.journeys.findings import Finding
from conversations.models import Journey


@dataclass(frozen=True, slots=True)
class Source:
    """A text to look at, and where it is from."""

    name: str
    text: str


class Command(BaseCommand):
    """`lint_journey [FILE or KEY ...] [--json]`; exit code 1 where there are errors, 0 with nothing but warnings."""

    help = "Checks journeys: the named files and drafts, or every draft and the library. Exit code 1 if one has errors."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="FILE or KEY", help="a YAML file, or the key of a journey")
        parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")

    def handle(self, *args: Any, **given: Any) -> None:
        sources = list(_named(given["sources"]) if given["sources"] else _all())
        also = [key for source in sources if (key := _key(source.text))]
        found = {source.name: publishing.check(source.text, also=also).findings for source in sources}
        if given["json"]:
            rows = [{"source": name, "findings": [asdict(one) for one in findings]} for name, findings in found.items()]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            for name, findings in found.items():
                for finding in findings:
                    self.stdout.write(line(name, finding))
        errors = sum(one.level == "error" for findings in found.values() for one in findings)
        warnings = sum(map(len, found.values())) - errors
        self.stderr.write(f"{len(found)} journeys, {errors} errors, {warnings} warnings")
        if errors:
            raise SystemExit(1)


def line(source: str, finding: Finding) -> str:
    """`file:12: error L2: what is wrong. What helps.`, as editors and CI read it."""
    return f"{source}:{finding.line}: {finding.level} {finding.rule}: {finding.message}. {finding.remedy}"


def _named(names: list[str]) -> Iterator[Source]:
    for name in names:
        path = Path(name)
        if path.is_file():
            yield Source(name, path.read_text(encoding="utf-8", errors="surrogateescape"))
        elif journey := Journey.objects.filter(key=name).first():
            yield Source(name, journey.draft)
        else:
            raise CommandError(f"{name} is neither a file nor the key of a journey")


def _all() -> Iterator[Source]:
    """Every draft, and the library's journeys that are not among them."""
    drafts = dict(Journey.objects.order_by("key").values_list("key", "draft"))
    for key, draft in drafts.items():
        yield Source(key, draft)
    for path in sorted(publishing.LIBRARY.glob("*.yaml")):
        if path.stem not in drafts:
            yield Source(f"library/{path.name}", path.read_text(encoding="utf-8"))


def _key(text: str) -> str:
    """The journey's key, empty if the text cannot be read."""
    try:
        data = loader.load(text).data
    except loader.LoadRefused:
        return ""
    return str(data.get("journey", "")) if isinstance(data, dict) else ""
