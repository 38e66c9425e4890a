"""On what is measured? Our own processes on scratch servers with a safe disk, and the CPU that each of them takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config import processes
from config.children import Child
from config.embedded import postgres

TICK = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Rig:
    """Servers that run, programs that were started, and the environment that both share."""

    directory: Path
    stack: processes.Stack
    started: dict[str, Child] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return self.stack.environment

    def start(self, *names: str) -> None:
        """Starts programs of the process table and waits until they are ready."""
        for name in names:
            self.add(self.stack[name])

    def add(self, child: Child) -> Child:
        child.start()
        child.wait_ready()
        self.started[child.name] = child
        return child

    def serve(self, name: str, application: str, port: int, ready: str = "/") -> Child:
        """Another ASGI application under the very server that `live` uses."""
        known = processes.live("127.0.0.1", port, self.environment)
        command = [application if part == "config.asgi:application" else part for part in known.command]
        bare = Child(name, command, env=self.environment, cwd=str(ROOT))
        bare.ready = lambda: processes.answers(f"http://127.0.0.1:{port}{ready}")
        return self.add(bare)

    def run(self, module: str, *words: str, given: str = "") -> str:
        """Runs a module in a process of its own and returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            input=given,
            env={**os.environ, **self.environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{module}: {done.stderr[-2000:]}")
        return done.stdout

    def cpu(self) -> dict[str, float]:
        """Seconds of CPU so far, by program; `postgres` is all of its processes together."""
        taken = {name: seconds([child.pid]) for name, child in self.started.items()}
        taken["postgres"] = seconds(postgres.processes_in(self.directory / "postgres"))
        taken["redis"] = seconds([self.stack["redis"].pid])
        return taken


def seconds(pids: list[int]) -> float:
    """CPU seconds of these processes and of the children they have already buried."""
    total = 0
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += sum(int(words[place]) for place in (11, 12, 13, 14))
    return total / TICK


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Seconds between two readings; a program that began in between counts from its start."""
    return {name: after[name] - before.get(name, 0.0) for name in after}


@contextmanager
def rig(env: Mapping[str, str] | None = None) -> Iterator[Rig]:
    """Postgres (every commit on disk) and Redis in a scratch directory, migrated; programs are started by the bench."""
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as scratch:
        directory = Path(scratch)
        given = {"SANDBOX": "0", "LOG_LEVEL": "WARNING", **(env or {})}
        stack = processes.compose(
            directory, host="127.0.0.1", port=processes.free_port(), env=given, always_embedded=True
        )
        found = Rig(directory, stack)
        try:
            for server in stack.servers:
                server.start()
                server.wait_ready()
            if postgres.TEMPLATE not in os.environ:  # what the server began with a copy of is migrated
                migrate = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
                subprocess.run(migrate, env={**os.environ, **stack.environment}, cwd=ROOT, check=True)
            yield found
        finally:
            for child in (*found.started.values(), *reversed(stack.servers)):
                child.stop()


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the sorted values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def rounded(values: Mapping[str, Any], digits: int = 3) -> dict[str, Any]:
    """The same with short numbers."""
    return {name: round(value, digits) if isinstance(value, float) else value for name, value in values.items()}
