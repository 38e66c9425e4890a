"""Brings the catalogues of the inbox in line with what it says, and compiles them: `manage.py wording [--check]`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import wording


class Command(BaseCommand):
    help = "Writes locale/*/LC_MESSAGES/django.po and .mo; --check only says what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        languages = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        for language in languages:
            if options["check"]:
                lacking = wording.missing(language)
                if lacking:
                    raise CommandError(f"{language} has no words for: " + "; ".join(lacking))
            else:
                number = wording.renew(language)
                self.stdout.write(f"{language}: {number} words without a translation")
