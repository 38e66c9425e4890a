"""With which database do the tests' servers begin? A directory migrated once: `python -m tests.cluster DIR`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import processes
from config.embedded import postgres

MADE = "TEST_CLUSTER"  # the whole run makes one for all its processes, and names it here
DATABASE = "TEST_TEMPLATE"  # the migrated database on the server of this run, if that began with the one made


def make(directory: Path) -> Path:
    """A database directory below `directory`, migrated and at rest; raises what the servers or migrations raise."""
    made = processes.compose(directory, host="127.0.0.1", port=processes.free_port(), always_embedded=True)
    try:
        for server in made.servers:
            server.start()
            server.wait_ready()
        command = [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"]
        subprocess.run(command, env={**os.environ, **made.environment}, cwd=processes.BASE_DIR, check=True)
    finally:
        for server in reversed(made.servers):
            server.stop()
    return directory / "postgres"


@contextmanager
def begun_with(cluster: str | Path) -> Iterator[None]:
    """Servers that are started in here begin with a copy of it: most of a start is spared."""
    os.environ[postgres.TEMPLATE] = str(cluster)
    try:
        yield
    finally:
        del os.environ[postgres.TEMPLATE]


if __name__ == "__main__":
    make(Path(sys.argv[1]))
