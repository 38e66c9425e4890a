"""How does Throughline read this payload? Prints the normalised events as JSON lines; needs no database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from channels_app import payloads
from channels_app.registry import Account, Request


class Command(BaseCommand):
    """Reads whole webhook bodies or single stored events. Exit code 0 whatever the input: errors are lines, too."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help="whatsapp, telegram, discord, email, sms, messenger, instagram, web")
        parser.add_argument("files", nargs="*", metavar="FILE", help="raw bytes of a payload; none: standard input")
        parser.add_argument("--header", action="append", default=[], metavar="NAME:VALUE", help="a header it came with")
        parser.add_argument("--url", default="", help="the public URL it was posted to, with its query")
        parser.add_argument("--config", default="{}", metavar="JSON", help="the channel's config, for scopes and ids")
        parser.add_argument("--account", default="", help="the provider's id of our account")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account(options["kind"], options["account"], _object(options["config"]))
        request = Request(b"", dict(map(_header, options["header"])), options["url"])
        for name in options["files"] or ["-"]:
            for line in _lines(options["kind"], name, account, request):
                self.stdout.write(json.dumps({"file": name, **line}, default=str))


def _lines(kind: str, name: str, account: Account, request: Request) -> list[dict[str, Any]]:
    try:
        body = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        return [{"kind": kind, "type": "error", "error": f"cannot be read: {error.strerror}"}]
    return list(payloads.lines(kind, body, account=account, request=request))


def _header(given: str) -> tuple[bytes, bytes]:
    name, _, value = given.partition(":")
    return name.strip().lower().encode(), value.strip().encode()


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
