"""Is the provider told where our webhook is? `manage.py connect_channel KEY` sets it, where the provider has a call."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from channels_app import connecting, registry
from channels_app.models import Channel


class Command(BaseCommand):
    """Sets a channel's webhook at its provider and says what was found, one line each; exit 1 if not all is well."""

    help = "Tells the provider of a channel where our webhook is, and checks the set-up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="The channel's key, as in the admin.")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = Channel.objects.filter(key=options["key"]).first()
        if channel is None:
            raise CommandError(f"There is no channel {options['key']}.")
        try:
            findings = connecting.connect(channel)
        except registry.UnknownKind as error:
            raise CommandError(f"No adapter is written for {channel.kind}.") from error
        for finding in findings:
            self.stdout.write(f"{'OK  ' if finding.is_well else 'FAIL'} {finding.text}")
        if not all(finding.is_well for finding in findings):
            raise CommandError("Not everything is well.", returncode=1)
