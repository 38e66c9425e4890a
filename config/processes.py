"""Which processes make up Throughline? The one table, and `stack`, which runs them all in a directory on a port."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config import embedded
from config.children import Child, NotReady, Say, how_it_ended

BASE_DIR = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
TEND_SECONDS = 0.2
WS_MAX_SIZE = 32_768  # bytes of a frame, refused by its header: a widget's longest message is 24 KB with every escape


class AlreadyRunning(Exception):
    """Another supervisor works on this data directory; the message names its process."""


def quiet(name: str, line: str) -> None:
    """Says nothing."""


def live(host: str, port: int, env: Mapping[str, str]) -> Child:
    """Sockets, the webhook door and, on the same port, Django's pages."""
    command = [PYTHON, "-m", "uvicorn", "config.asgi:application", "--host", host, "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--lifespan", "on", "--no-access-log"]
    command += ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--ws-max-size", str(WS_MAX_SIZE)]
    command += ["--no-proxy-headers", "--no-server-header", "--timeout-graceful-shutdown", "20"]
    return Child("live", command, env=env, ready=lambda: answers(f"http://{host}:{port}/readyz"))


def worker(env: Mapping[str, str]) -> Child:
    """The batched drains of inbox, outbox and timers."""
    return Child("worker", [PYTHON, "manage.py", "work"], env=env)


def celery(env: Mapping[str, str]) -> Child:
    """Wake-ups, imports, exports and periodic work."""
    command = [PYTHON, "-m", "celery", "--quiet", "-A", "config.celery", "worker", "--loglevel", "WARNING"]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle"]
    # Celery warns of root at every start; who runs the embedded stack as root, in a container, has decided so.
    return Child("celery", command, env={**env, "PYTHONWARNINGS": "ignore:::celery.platforms"})


def gateway(env: Mapping[str, str]) -> Child:
    """Discord's messages; without a Discord channel it waits for one."""
    return Child("gateway", [PYTHON, "manage.py", "run_discord_gateway"], env=env)


def beat(env: Mapping[str, str]) -> Child:
    """The clock of periodic work; it keeps no file, for every deadline is a row in the database."""
    command = [PYTHON, "-m", "celery", "--quiet", "-A", "config.celery", "beat", "--loglevel", "WARNING"]
    return Child("beat", [*command, "--pidfile", "", "--scheduler", "celery.beat:Scheduler"], env=env)


@dataclass
class Stack:
    """All processes of one installation: starts them in order, starts again what dies, stops them in reverse."""

    url: str
    environment: dict[str, str]
    servers: list[Child]
    programs: list[Child]
    say: Say
    stopping: threading.Event = field(default_factory=threading.Event)

    def __getitem__(self, name: str) -> Child:
        return next(child for child in self.all() if child.name == name)

    def all(self) -> list[Child]:
        """Every child, in the order of the start."""
        return [*self.servers, *self.programs]

    def pids(self) -> dict[str, int]:
        """The process table: the ids of the children that run, by name."""
        running = [child for child in self.all() if child.process is not None and child.process.poll() is None]
        return {child.name: child.process.pid for child in running if child.process is not None}

    def start(self) -> None:
        """Servers one by one, then the schema, then all programs; returns once every one is ready."""
        for child in self.servers:
            child.say = self.say
            child.start()
            child.wait_ready()
        self.prepare()
        for child in self.programs:
            child.say = self.say
            child.start()
        for child in self.programs:
            child.wait_ready()

    def prepare(self) -> None:
        """Migrates, collects static files, seeds the demo; raises `NotReady` with what went wrong."""
        child = Child(
            "prepare", [PYTHON, "manage.py", "prepare"], env=self.environment, cwd=str(BASE_DIR), say=self.say
        )
        child.start()
        code = child.process.wait() if child.process else 1
        if code != 0:
            time.sleep(0.1)
            raise NotReady("\n".join([f"prepare ended {how_it_ended(code)}:", *child.tail[-15:]]))

    def tend(self) -> None:
        """One look at every child: a dead one is started again, at once or after its pause, and that is said."""
        now = time.monotonic()
        for child in self.all():
            code = child.died()
            if code is None:
                continue
            if not child.start_again_at:
                pause = child.pause()
                child.start_again_at = now + pause
                when = f"in {pause:.0f} s" if pause else "now"
                self.say(child.name, f"ended {how_it_ended(code)}; starts again {when}")
            if now >= child.start_again_at:
                child.start()
                if child in self.servers:
                    self.wait_for(child)

    def wait_for(self, server: Child) -> None:
        """Waits for a server that was started again; one that fails is tended again later, and the failure is said."""
        try:
            server.wait_ready()
        except NotReady as error:
            self.say(server.name, str(error).splitlines()[0])

    def tend_until_stopped(self, over: threading.Event | None = None) -> None:
        """Tends until `stopping` is set; then, if `over` is given, stays until that is set, too."""
        while not self.stopping.wait(TEND_SECONDS):
            self.tend()
        if over is not None:
            over.wait()

    def stop(self, hard: bool = False) -> None:
        """Programs first, all at once; then the servers that they use."""
        self.stopping.set()
        for child in self.programs:
            child.ask_to_stop()
        for child in [*reversed(self.programs), *reversed(self.servers)]:
            child.stop(hard=hard)


def compose(
    data_dir: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    env: Mapping[str, str] | None = None,
    say: Say = quiet,
    always_embedded: bool = False,
    durable: bool = True,
) -> Stack:
    """The processes for a data directory and a port, not yet started."""
    urls, servers = embedded.children(data_dir, durable=durable, always=always_embedded)
    url = f"http://localhost:{port}"
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "THROUGHLINE_DATA": str(data_dir),
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", url),
        "PYTHONUNBUFFERED": "1",
        **{f"{name}_FILE": "" for name in urls},
        **urls,
        **(env or {}),
    }
    programs = [live(host, port, environment), worker(environment), gateway(environment)]
    programs += [celery(environment), beat(environment)]
    for program in programs:
        program.cwd = str(BASE_DIR)
    return Stack(url=url, environment=environment, servers=servers, programs=programs, say=say)


@contextmanager
def stack(data_dir: Path | None = None, env: Mapping[str, str] | None = None, say: Say = quiet) -> Iterator[Stack]:
    """The whole of Throughline on a free port with servers of its own, tended until the block ends.

    Without `data_dir` it works in a scratch directory, which is removed. `env` is added for every process.
    """
    with tempfile.TemporaryDirectory(prefix="throughline-") as scratch:
        over = threading.Event()
        running = compose(data_dir or Path(scratch), port=free_port(), env=env, say=say, always_embedded=True)
        try:
            running.start()
            # The kernel ends a child with the *thread* that started it: this one must outlive the children it restarts.
            threading.Thread(target=running.tend_until_stopped, args=(over,), daemon=True).start()
            yield running
        finally:
            running.stop()
            over.set()


@contextmanager
def sole_supervisor(data_dir: Path) -> Iterator[None]:
    """Holds the data directory's lock; the kernel lets it go with the process, however that ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise AlreadyRunning(f"Throughline already runs on {data_dir} (process {lock.read().strip()}).") from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def answers(url: str, seconds: float = 2.0) -> bool:
    """Whether a GET is answered 200 within `seconds`."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port(wanted: int = 0, host: str = "127.0.0.1") -> int:
    """`wanted` if nobody listens there, else any free TCP port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port on {host}")
