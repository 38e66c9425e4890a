"""Is the installation ready to start? Migrates, makes the roles, collects static files, seeds the demo once."""

from __future__ import annotations

import fcntl
import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from config import roles


class Command(BaseCommand):
    """Migrates the database, collects static files when they changed and, with SANDBOX=1, seeds the demo once."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave the demo data out")

    def handle(self, *args: Any, no_demo: bool, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("replay_tombstones", verbosity=0)  # a restored backup serves nobody who was erased since
        roles.seed()
        self.collect_static()
        if settings.SANDBOX and not no_demo and "seed_demo" in get_commands():
            call_command("seed_demo")

    def collect_static(self) -> None:
        """Collects when any source file differs from the last time; two starts at once take turns."""
        root = Path(settings.STATIC_ROOT)
        root.mkdir(parents=True, exist_ok=True)
        with (root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            stamp, now = root / ".stamp", fingerprint()
            if not stamp.exists() or stamp.read_text() != now:
                call_command("collectstatic", interactive=False, verbosity=0)
                stamp.write_text(now)


def fingerprint() -> str:
    """A digest over name, size and time of every static source file."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
