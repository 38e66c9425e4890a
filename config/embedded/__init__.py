"""Which database and Redis serve when no URL names one? Those from wheels, on sockets, in the data directory."""

from __future__ import annotations

import os
from pathlib import Path

from config.children import Child
from config.embedded import places, postgres, redis

__all__ = ["Servers", "children", "database_url", "redis_url"]


def database_url(data_dir: Path) -> str:
    """The address of the embedded PostgreSQL of this data directory."""
    return f"postgresql://throughline@/throughline?host={places.runtime_dir(data_dir)}"


def redis_url(data_dir: Path) -> str:
    """The address of the embedded Redis of this data directory."""
    return f"unix://{places.runtime_dir(data_dir)}/redis.sock"


def children(data_dir: Path, durable: bool = True, always: bool = False) -> tuple[dict[str, str], list[Child]]:
    """What to put in the environment, and which servers to start, for the URLs that the environment does not set.

    `always` starts both even if the environment names servers; `durable=False` gives up safety for speed (tests only).
    Raises `places.CannotServe` with a remedy.
    """
    urls: dict[str, str] = {}
    found: list[Child] = []
    if always or not _named("DATABASE_URL"):
        urls["DATABASE_URL"] = database_url(data_dir)
        found.append(postgres.child(data_dir, durable=durable))
    if always or not _named("REDIS_URL"):
        urls["REDIS_URL"] = redis_url(data_dir)
        found.append(redis.child(data_dir, durable=durable))
    return urls, found


class Servers:
    """The embedded servers alone, for test runs; the whole stack is `config.processes.Stack`."""

    def __init__(self, data_dir: Path, durable: bool = True) -> None:
        self.urls, self.children = children(data_dir, durable=durable)

    def start(self) -> dict[str, str]:
        """Starts what is needed and waits until it answers; returns the URLs for the environment."""
        for child in self.children:
            child.start()
            child.wait_ready()
        return self.urls

    def stop(self) -> None:
        """Stops what `start` started, the last one first."""
        for child in reversed(self.children):
            child.stop()


def _named(variable: str) -> bool:
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))
