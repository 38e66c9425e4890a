"""What does `manage.py poll_mail` do? Reads every mailbox once, or keeps reading as they tell of news."""

from __future__ import annotations

import argparse
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from channels_app import mailboxes
from channels_app.models import Channel
from channels_app.registry import DeliveryError

PATIENCE = 30.0  # seconds between two rounds where no server tells of news


class Command(BaseCommand):
    help = "Reads the mailboxes of all enabled e-mail channels, and fetches mails that webhooks only point to."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--follow", action="store_true", help="go on, woken by each mailbox (IMAP IDLE)")

    def handle(self, *args: Any, follow: bool, **options: Any) -> None:
        self.stdout.write(f"{mailboxes.poll_all()} mails")
        while follow:
            self._wait()
            close_old_connections()
            if count := mailboxes.poll_all():
                self.stdout.write(f"{count} mails")

    def _wait(self) -> None:
        """Until the first mailbox tells of news; the others' waits end by themselves."""
        news = threading.Event()
        for channel in [one for one in Channel.objects.filter(is_enabled=True) if mailboxes.is_pulled(one)]:
            threading.Thread(target=self._listen, args=(channel, news), daemon=True).start()
        news.wait(PATIENCE)

    def _listen(self, channel: Channel, news: threading.Event) -> None:
        try:
            mailboxes.follow(channel, PATIENCE - 1)
        except DeliveryError:
            return  # the round after this one finds out, and says so
        news.set()
