"""What can a newcomer look at? Makes the demo once, or removes it; both may be repeated."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo import answers, backends, channels, history, named_lists, outcomes, purging, staff, words
from conversations.journeys import publishing


class Command(BaseCommand):
    """Makes the demo: staff, queues, channels, journeys and a believable past. Idempotent; `--purge` removes it."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--purge", action="store_true", help="remove everything that belongs to the demo")
        parser.add_argument("--no-history", action="store_true", help="leave customers and conversations out")

    def handle(self, *args: Any, purge: bool, no_history: bool, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("The demo has public passwords: it is made only with SANDBOX=1.")
        if purge:
            purging.purge()
            self.stdout.write("The demo is gone.")
            return
        staff.seed()
        channels.seed()
        backends.seed()
        publishing.load_library()
        outcomes.seed()
        named_lists.seed()
        staff.write_logins(settings.DATA_DIR)
        if not no_history:
            written = history.seed()
            self.stdout.write(f"The demo is there; {written} conversations were written now.")
        words.seed()
        answers.seed()  # after the past, in which nobody had written them yet
