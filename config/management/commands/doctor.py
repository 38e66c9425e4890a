"""What is wrong, and what helps? One line for each part; exit code 1 if anything fails."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from common.checkups import Finding
from config import doctor


class Command(BaseCommand):
    """Examines database, Redis, workers, beat, storage, mail, clocks and secrets, and says what helps."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object with every finding")

    def handle(self, *args: Any, **options: Any) -> None:
        found: dict[str, Finding] = {}
        for name, finding in doctor.examine():
            found[name] = finding
            if not options["json"]:
                self.stdout.write(self.line(name, finding))
        failed = any(finding.level == "FAIL" for finding in found.values())
        if options["json"]:
            findings = {name: asdict(finding) for name, finding in found.items()}
            self.stdout.write(json.dumps({"ok": not failed, "findings": findings}))
        if failed:
            raise SystemExit(1)

    def line(self, name: str, finding: Finding) -> str:
        """`OK    name        text`, in colour on a terminal, with the remedy below."""
        style = {"OK": self.style.SUCCESS, "WARN": self.style.WARNING, "FAIL": self.style.ERROR}[finding.level]
        remedy = f"\n{'':<20}-> {finding.remedy}" if finding.remedy else ""
        return f"{style(f'{finding.level:<5}')} {name:<13} {finding.text}{remedy}"
