"""Can the pretended providers run without Throughline, for the tests of another project? One process, one port."""

from __future__ import annotations

import json
import signal
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from channels_app.sandbox import emulators
from config import embedded, processes
from config.children import Child, NotReady, how_it_ended, say_to_terminal
from config.embedded.places import CannotServe

HERE = str(settings.BASE_DIR)


class Command(BaseCommand):
    """Runs the emulators of these kinds (all if none is named) alone, with a JSON control API below /control/.

    Without DATABASE_URL it starts a database of its own in the data directory's folder `emulators`.
    """

    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(emulators.kinds()))
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--webhook", default="", help="where webhooks are posted; {kind} in it is filled in")

    def handle(self, *args: Any, kinds: list[str], port: int, host: str, webhook: str, **options: Any) -> None:
        if unknown := [kind for kind in kinds if kind not in emulators.kinds()]:
            raise CommandError(f"No emulator of {', '.join(unknown)}. There are: {', '.join(emulators.kinds())}.")
        if processes.free_port(port, host) != port:
            raise CommandError(f"Port {port} is taken.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        data_dir = Path(settings.DATA_DIR).resolve() / "emulators"
        data_dir.mkdir(parents=True, exist_ok=True)
        url = f"http://{host}:{port}"
        urls, running = embedded.children(data_dir, durable=False)
        environment = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "THROUGHLINE_DATA": str(data_dir),
            "SANDBOX": "1",
            "ALLOW_UNSAFE_DATABASE": "1",
            "PUBLIC_URL": url,
            "EMULATOR_KINDS": " ".join(kinds),
            "EMULATOR_WEBHOOK": webhook,
            **urls,
        }
        try:
            for server in running:
                server.start()
                server.wait_ready()
            self.migrate(environment)
            running.append(self.server(environment, host, port))
            self.stdout.write(self.words(url))
            while running[-1].died() is None:
                time.sleep(0.2)
        except KeyboardInterrupt:
            self.stdout.write("Stopping.")
        except (NotReady, CannotServe) as error:
            raise CommandError(str(error)) from error
        finally:
            for child in reversed(running):
                child.stop()

    def migrate(self, environment: dict[str, str]) -> None:
        """The schema; raises `NotReady` with the last lines."""
        child = Child(
            "migrate", [sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, cwd=HERE
        )
        child.start()
        code = child.process.wait() if child.process else 1
        if code:
            raise NotReady("\n".join([f"migrate ended {how_it_ended(code)}:", *child.tail[-15:]]))

    def server(self, environment: dict[str, str], host: str, port: int) -> Child:
        """The one process that plays the providers, ready."""
        command = [sys.executable, "-m", "uvicorn", "config.emulator_asgi:application", "--host", host]
        command += ["--port", str(port), "--lifespan", "on", "--no-access-log", "--log-level", "warning"]
        ready = f"http://{host}:{port}/control/"
        child = Child("emulators", command, env=environment, cwd=HERE, ready=lambda: processes.answers(ready))
        child.say = say_to_terminal
        child.start()
        child.wait_ready()
        return child

    def words(self, url: str) -> str:
        """What to set up in the project that is to be tested, for each channel."""
        with build_opener(ProxyHandler({})).open(f"{url}/control/") as answer:
            channels = json.load(answer)["channels"]
        lines = [f"Emulators run on {url} (control API: {url}/control/). Set up in your project:"]
        for channel in channels:
            lines += ["", f"{channel['kind']}: base URL {channel['base_url']}", f"  account      {channel['account']}"]
            lines += [f"  {name:<12} {value}" for name, value in channel["credentials"].items()]
            lines += [f"  webhooks go  to {channel['webhook_url']}"]
        return "\n".join(lines)
