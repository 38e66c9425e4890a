"""Does a child start, stop, come back, and never outlive its supervisor?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.children import Child, NotReady

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(15, 1); print('up', flush=True); time.sleep(60)"]


def started(command: list[str], **options: object) -> Child:
    child = Child("child", command, **options)  # type: ignore[arg-type]  # options in words
    child.ready = lambda: "up" in child.tail
    child.start()
    child.wait_ready(10)
    return child


def is_gone(pid: int) -> bool:
    """Whether the process has ended; an orphan may stay as a zombie of a first process that reaps nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def test_a_child_stops_when_asked() -> None:
    child = started(SLEEP)
    pid = child.pid
    child.stop()
    assert is_gone(pid)


def test_a_child_that_does_not_listen_is_killed() -> None:
    child = started(STUBBORN, stop_seconds=0.2)
    pid = child.pid
    child.stop()
    assert is_gone(pid)


def test_a_child_that_ends_at_once_says_its_last_words() -> None:
    child = Child("child", [sys.executable, "-c", "raise SystemExit('no such port')"], ready=lambda: False)
    child.start()
    with pytest.raises(NotReady, match="no such port"):
        child.wait_ready(10)


def test_a_child_without_a_process_has_no_pid() -> None:
    with pytest.raises(NotReady):
        _ = Child("child", SLEEP).pid


def test_a_child_that_dies_again_and_again_waits_longer() -> None:
    child = Child("child", SLEEP, started_at=time.monotonic())
    assert [child.pause() for _ in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]


def test_a_child_that_lived_long_starts_again_at_once() -> None:
    child = Child("child", SLEEP, started_at=time.monotonic() - 3600, deaths=5)
    assert child.pause() == 0


@pytest.mark.faults
def test_a_child_dies_with_a_killed_supervisor() -> None:
    program = f"""
import time
from config.children import Child
child = Child("child", {SLEEP!r})
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    supervisor.stdout.close()
    deadline = time.monotonic() + 10
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_gone(pid)
