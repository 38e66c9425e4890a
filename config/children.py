"""Who starts, watches and stops a process of ours? A child never outlives its supervisor."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO

READY_SECONDS = 60.0
CALM_SECONDS = 20.0  # a child that lived this long starts again at once; a quicker death waits longer each time
LONGEST_PAUSE = 30.0
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1

Say = Callable[[str, str], None]  # (name of the process, one line)


class NotReady(Exception):
    """A process did not become ready in time; the message holds its last lines."""


def say_to_terminal(name: str, line: str) -> None:
    """Prints one line with the name of the process in front of it."""
    print(f"{name:>9} | {line}", flush=True)  # noqa: T201 -- the supervisor's screen


@dataclass
class Child:
    """One process: how to start it, how to see that it is ready, how to stop it."""

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    uid: int | None = None
    gid: int | None = None
    cwd: str | None = None
    prepare: Callable[[], None] = lambda: None
    ready: Callable[[], bool] = lambda: True
    stop_signal: int = signal.SIGTERM
    last_signal: int = signal.SIGKILL
    stop_seconds: float = 25.0
    say: Say | None = None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths: int = 0
    asked: bool = False
    tail: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """The process id of the running process; raises `NotReady` when it does not run."""
        if self.process is None or self.process.poll() is not None:
            raise NotReady(f"{self.name} is not running")
        return self.process.pid

    def start(self) -> None:
        """Starts the process in its own group, so that Ctrl-C reaches the supervisor alone."""
        self.prepare()
        self.started_at = time.monotonic()
        self.start_again_at = 0.0
        self.asked = False
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.env},
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid(), self.stop_signal),
        )
        assert self.process.stdout is not None
        threading.Thread(target=self._forward, args=(self.process.stdout,), daemon=True).start()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        """Returns once `ready` holds; raises `NotReady` with the last lines if the process ends or `seconds` pass."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            ended = self.process is None or self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                time.sleep(0.1)  # the forwarding thread may still hold the last words
                why = "ended" if ended else f"was not ready after {seconds:.0f} s"
                raise NotReady("\n".join([f"{self.name} {why}:", *self.tail[-15:]]))
            time.sleep(0.02)

    def died(self) -> int | None:
        """The exit code if the process was started and has ended."""
        return None if self.process is None else self.process.poll()

    def ask_to_stop(self) -> None:
        """Sends the first signal and does not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            self.asked = True

    def stop(self, hard: bool = False) -> None:
        """Asks the process to end, waits `stop_seconds`, then insists; what it left in its group goes with it."""
        if self.process is None:
            return
        group = self.process.pid
        for number, seconds in ((self.stop_signal, self.stop_seconds), (self.last_signal, 5.0), (signal.SIGKILL, 5.0)):
            if self.process.poll() is not None:
                break
            if hard and number == self.stop_signal:
                continue
            if not (number == self.stop_signal and self.asked):
                self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.process = None

    def pause(self) -> float:
        """How many seconds to wait before the next start: none for the first death in a while, then 1, 2, 4 ... 30."""
        calm = time.monotonic() - self.started_at > CALM_SECONDS
        self.deaths = 1 if calm else self.deaths + 1
        return 0.0 if self.deaths == 1 else min(2.0 ** (self.deaths - 2), LONGEST_PAUSE)

    def _forward(self, stream: IO[bytes]) -> None:
        with stream:
            for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                self.tail.append(line)
                del self.tail[:-100]
                if self.say is not None:
                    self.say(self.name, line)


def _die_with_parent(parent: int, number: int) -> Callable[[], None]:
    """For the child, before it becomes the program: Linux sends it `number` when the supervisor's thread ends."""

    def ask_kernel() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask_kernel


def how_it_ended(code: int) -> str:
    """The exit code, or the signal, in words."""
    return f"with exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
