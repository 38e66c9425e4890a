"""How does the whole of Throughline run on this machine? One command starts, tends and stops every process."""

from __future__ import annotations

import json
import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import processes
from config.children import NotReady, say_to_terminal
from config.embedded.places import CannotServe

STARTS = (
    ("/sandbox/", "Sandbox: write as a customer, on every channel"),
    ("/inbox/", "Inbox: answer as an agent"),
    ("/admin/", "Admin: customers, journeys, channels"),
    ("/demo/shop/", "Demo shop with the widget"),
    ("/api/docs/", "API documentation"),
)
SERVERS = ("postgres", "redis")


class Command(BaseCommand):
    """Starts Throughline: PostgreSQL and Redis (unless DATABASE_URL/REDIS_URL name them), and all of its processes."""

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, port: int, host: str, **options: Any) -> None:
        free = processes.free_port(port, host)
        if free != port:
            self.stdout.write(f"Port {port} is taken; using {free}.")
        data_dir = Path(settings.DATA_DIR).resolve()
        stack = processes.compose(data_dir, host=host, port=free, say=Screen(data_dir / "servers.log"))
        signals = Signals(stack)
        try:
            with processes.sole_supervisor(data_dir):
                try:
                    stack.start()
                    self.welcome(stack.url, data_dir)
                    stack.tend_until_stopped()
                finally:
                    signals.again_means_now()
                    self.stdout.write("Stopping. Press Ctrl-C again to stop at once.")
                    stack.stop()
        except KeyboardInterrupt:
            stack.stop(hard=signals.count > 1)
        except (NotReady, CannotServe, processes.AlreadyRunning) as error:
            raise CommandError(str(error)) from error

    def welcome(self, url: str, data_dir: Path) -> None:
        """Prints where to go, and the demo's logins if there is a demo."""
        lines = ["", f"Throughline is ready: {url}", ""]
        lines += [f"  {url + path:<36} {text}" for path, text in STARTS]
        logins = data_dir / "demo.json"
        if settings.SANDBOX and logins.exists():
            lines += ["", "Demo logins:"]
            lines += [
                f"  {entry['login']:<24} {entry['password']:<24} {entry['role']}"
                for entry in json.loads(logins.read_text())
            ]
        self.stdout.write("\n".join([*lines, "", f"Data: {data_dir}. Ctrl-C stops everything.", ""]))


class Screen:
    """Our programs and the supervisor speak on the terminal; what PostgreSQL and Redis log goes into a file."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def __call__(self, name: str, line: str) -> None:
        if name in SERVERS and not line.startswith(("ended ", f"{name} ")):
            with self.log.open("a") as log:
                log.write(f"{name:>9} | {line}\n")
        elif line:
            say_to_terminal(name, line)


class Signals:
    """The first SIGINT or SIGTERM stops in order; the second kills."""

    def __init__(self, stack: processes.Stack) -> None:
        self.stack = stack
        self.count = 0
        signal.signal(signal.SIGINT, self.first)
        signal.signal(signal.SIGTERM, self.first)

    def first(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        raise KeyboardInterrupt

    def again_means_now(self) -> None:
        """From here on a signal kills every child and ends the wait for it."""
        signal.signal(signal.SIGINT, self.second)
        signal.signal(signal.SIGTERM, self.second)

    def second(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        for child in self.stack.all():
            if child.process is not None and child.process.poll() is None:
                child.process.send_signal(child.last_signal)
