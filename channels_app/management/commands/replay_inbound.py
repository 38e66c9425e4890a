"""How are quarantined events played again? `manage.py replay_inbound`, by id, by channel or all of them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from channels_app import quarantine
from channels_app.models import InboundEvent


class Command(BaseCommand):
    help = "Takes events out of quarantine; the worker processes them like new ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", type=UUID, help="public ids of events")
        parser.add_argument("--all", action="store_true", help="everything in quarantine")
        parser.add_argument("--channel", default="", help="only this channel, by its key")
        parser.add_argument("--error", default="", help="only what failed for this reason (how it begins)")

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["ids"]
        if bool(given) == (options["all"] or bool(options["channel"] or options["error"])):
            raise CommandError("Name events, or say --all, --channel or --error.")
        if given:
            ids = list(InboundEvent.objects.filter(public_id__in=given).values_list("pk", flat=True))
            done = quarantine.replay(ids=ids, actor="system")
        else:
            done = quarantine.replay_all(channel=options["channel"], error=options["error"], actor="system")
        self.stdout.write(f"{done} events play again")
