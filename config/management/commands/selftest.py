"""Does the whole of Throughline work on this machine? Starts it in a scratch directory, plays the story, stops it."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import processes, selftest
from config.children import NotReady, say_to_terminal
from config.demo import channels
from config.embedded.places import CannotServe


class Command(BaseCommand):
    """Starts everything on free ports in a scratch data directory and plays the story through the emulators."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loud", action="store_true", help="print what the processes say")

    def handle(self, *args: Any, loud: bool, **options: Any) -> None:
        base = secrets.token_urlsafe(32)
        environment = {"SANDBOX": "1", "SANDBOX_SECRET": base, "SANDBOX_SECRET_FILE": ""}
        self.stdout.write("Starting Throughline in a scratch directory ...")
        try:
            with processes.stack(env=environment, say=say_to_terminal if loud else processes.quiet) as stack:
                self.stdout.write(f"Running: {stack.url}")
                widget_secret = channels.secret("widget", base=base)
                report = selftest.play(base_url=stack.url, widget_secret=widget_secret, say=self._say)
        except (NotReady, CannotServe) as error:
            raise CommandError(str(error)) from error
        if not report.is_ok:
            raise CommandError("The self-test failed.")
        self.stdout.write(self.style.SUCCESS(f"All {len(report.steps)} steps held."))

    def _say(self, step: selftest.Step) -> None:
        self.stdout.write(str(step))
        self.stdout.flush()
