"""What is put to the test? Real servers and processes in a scratch directory, which can be killed one by one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

from config import processes
from config.children import Child
from config.embedded import postgres
from tests.signals import send_to_all

PACK = Path(__file__).parent


@dataclass
class Plant:
    """Postgres, Redis, the live process and two workers; whoever dies is started again at once."""

    directory: Path
    port: int
    environment: dict[str, str]
    servers: list[Child]
    live: Child
    workers: list[Child]
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def postgres(self) -> Child:
        return next(child for child in self.servers if child.name == "postgres")

    @property
    def redis(self) -> Child:
        return next(child for child in self.servers if child.name == "redis")

    def run(self, module: str, given: Any = None) -> Any:
        """Runs a module of this folder in a process of its own; its last line is JSON."""
        done = subprocess.run(
            [processes.PYTHON, "-m", f"tests.faults.{module}"],
            input=json.dumps(given),
            env={**os.environ, **self.environment},
            cwd=processes.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def left(self) -> dict[str, int]:
        """Unfinished rows of inbox and outbox; asked often, so without a process that loads the product."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as link:
            waiting = "SELECT count(*) FROM channels_app_inboundevent WHERE state = 'pending' AND kind <> 'status'"
            unsent = "SELECT count(*) FROM conversations_delivery WHERE state IN ('queued', 'sending')"
            found = link.execute(f"SELECT ({waiting}), ({unsent})").fetchone()
        assert found is not None
        return {"waiting": found[0], "unsent": found[1]}

    def start(self) -> None:
        for child in self.servers:
            child.start()
            child.wait_ready()
        if postgres.TEMPLATE not in os.environ:  # what they began with a copy of is migrated
            self.migrate()

    def migrate(self) -> None:
        migrated = Child(
            "migrate", [processes.PYTHON, "manage.py", "migrate", "-v0", "--skip-checks"], env=self.environment
        )
        migrated.cwd = str(processes.BASE_DIR)
        migrated.start()
        assert migrated.process is not None
        assert migrated.process.wait(120) == 0, "\n".join(migrated.tail)

    def start_programs(self) -> None:
        for child in (self.live, *self.workers):
            child.start()
        self.live.wait_ready()
        threading.Thread(target=self._tend, daemon=True).start()

    def kill(self, child: Child) -> None:
        """kill -9 of a process and its group."""
        with self.lock:
            if child.process is not None and child.process.poll() is None:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()

    def kill_postgres(self) -> None:
        """kill -9 of the postmaster and of every backend, at once: what only shared memory held is gone."""
        with self.lock:
            send_to_all(postgres.processes_in(self.directory / "postgres"), signal.SIGKILL)
            if self.postgres.process is not None:
                self.postgres.process.wait()
            self.postgres.start()
            self.postgres.wait_ready()

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.environment["REDIS_URL"], socket_timeout=2) as client:
            client.flushall()

    def stop(self) -> None:
        self.over.set()
        with self.lock:
            for child in (*self.workers, self.live, *reversed(self.servers)):
                child.stop(hard=True)

    def _tend(self) -> None:
        while not self.over.wait(0.1):
            with self.lock:
                for child in (self.live, *self.workers):
                    if not self.over.is_set() and child.died() is not None:
                        child.start()


@contextmanager
def plant(
    directory: Path, *, unsafe: bool = False, worker: str = "", env: dict[str, str] | None = None
) -> Iterator[Plant]:
    """A plant with its schema, programs not yet started. `unsafe` lets Postgres forget what it acknowledged; `worker`
    is a module of this folder that runs instead of `manage.py work`."""
    port = processes.free_port()
    given = {"SANDBOX": "0", "ALLOW_UNSAFE_DATABASE": "1" if unsafe else "0", **(env or {})}
    stack = processes.compose(directory, host="127.0.0.1", port=port, env=given, always_embedded=True)
    command = [processes.PYTHON, "-m", f"tests.faults.{worker}"] if worker else [processes.PYTHON, "manage.py", "work"]
    workers = [Child(f"worker{n}", command, env=stack.environment, cwd=str(processes.BASE_DIR)) for n in range(2)]
    found = Plant(directory, port, stack.environment, stack.servers, stack["live"], workers)
    for child in (found.live, *workers, *stack.servers):
        child.say = lambda name, line: found.lines.append(f"{name} {line}")
    if unsafe:
        found.postgres.command += ["-c", "synchronous_commit=off", "-c", "wal_writer_delay=10s"]
    try:
        found.start()
        yield found
    finally:
        found.stop()


def wait_until(holds: Any, seconds: float, what: str) -> None:
    """Returns once `holds()`; fails with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.25)
