"""Does the whole stack come up, come back after kills, and go down without a trace?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config import processes
from config.embedded import postgres
from tests.cluster import begun_with
from tests.signals import send_to_all

ROOT = Path(__file__).resolve().parents[2]
faults = pytest.mark.faults


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_taken_port_is_not_chosen() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert processes.free_port(port) != port


def test_a_data_directory_has_one_supervisor(tmp_path: Path) -> None:
    with (
        processes.sole_supervisor(tmp_path),
        pytest.raises(processes.AlreadyRunning, match=str(os.getpid())),
        processes.sole_supervisor(tmp_path),
    ):
        pytest.fail("a second supervisor got in")


def test_a_supervisor_may_follow_another(tmp_path: Path) -> None:
    for _ in range(2):
        with processes.sole_supervisor(tmp_path):
            pass


@faults
def test_the_stack_is_ready(stack: processes.Stack) -> None:
    assert processes.answers(f"{stack.url}/readyz")
    assert set(stack.pids()) == {"postgres", "redis", "live", "worker", "gateway", "celery", "beat"}


@faults
@pytest.mark.parametrize("name", ["live", "worker", "gateway", "celery", "beat", "redis"])
def test_a_killed_process_comes_back(stack: processes.Stack, name: str) -> None:
    before = stack[name].pid
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: stack.pids().get(name, before) != before)
    wait_for(lambda: processes.answers(f"{stack.url}/readyz"))


@faults
@pytest.mark.scenario("T-92")
def test_a_killed_postgres_comes_back_and_pages_with_it(stack: processes.Stack) -> None:
    data = Path(stack.environment["THROUGHLINE_DATA"]) / "postgres"
    send_to_all(postgres.processes_in(data), signal.SIGKILL)
    assert processes.answers(f"{stack.url}/livez")
    wait_for(lambda: processes.answers(f"{stack.url}/readyz"))


@faults
@pytest.mark.scenario("T-92")
def test_a_paused_redis_does_not_make_it_unready(stack: processes.Stack) -> None:
    pid = stack["redis"].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: processes.answers(f"{stack.url}/readyz", seconds=5))
    finally:
        os.kill(pid, signal.SIGCONT)


@faults
@pytest.mark.timeout(300)
def test_up_leaves_nothing_behind_and_starts_again(tmp_path: Path, cluster: Path) -> None:
    for number in (signal.SIGKILL, signal.SIGINT):
        with begun_with(cluster):
            run = up(tmp_path)
        run.send_signal(number)
        assert run.wait(60) in (0, -signal.SIGKILL)
        wait_for(lambda: not alive_with(str(tmp_path)))


def up(data_dir: Path) -> subprocess.Popen[bytes]:
    """`manage.py up` on a data directory, once it is ready."""
    port = processes.free_port()
    environment = {
        **{
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL")
        },
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "THROUGHLINE_DATA": str(data_dir),
    }
    command = [sys.executable, "manage.py", "up", "--port", str(port)]
    run = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: processes.answers(f"http://127.0.0.1:{port}/readyz"), 100)
    return run


def alive_with(data_dir: str) -> list[str]:
    """The processes that hold the data directory in their environment or command."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if data_dir.encode() in text:
            found.append(entry.name)
    return found
