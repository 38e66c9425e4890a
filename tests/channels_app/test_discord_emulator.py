"""Does the pretended gateway keep what it dispatches in order and whole, and ended what was ended?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from channels_app.sandbox.discord_emulator import sessions
from tests.channels_app import discord_site

pytestmark = pytest.mark.django_db(transaction=True)


def beside(*works: Callable[[], object]) -> list[threading.Thread]:
    """Threads that do this, each on a database connection of its own."""

    def run(work: Callable[[], object]) -> None:
        work()
        connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    return threads


def test_dispatches_of_many_at_once_are_read_in_order_and_whole() -> None:
    bot = discord_site.channel()
    number = sessions.begin(bot, 1 << 12)["session_id"]

    def speak() -> None:
        for _ in range(20):
            sessions.append(bot, number, "TYPING_START", {})

    threads, seen, end = beside(speak, speak, speak, speak), [1], time.monotonic() + 20
    while seen[-1] < 81 and time.monotonic() < end:
        seen += [frame["s"] for frame in sessions.after(bot, number, seen[-1])]
    for thread in threads:
        thread.join()
    assert seen == list(range(1, 82))


def test_a_heartbeat_does_not_open_what_was_ended() -> None:
    bot = discord_site.channel()
    for _ in range(20):
        number = sessions.begin(bot, 1 << 12)["session_id"]
        assert sessions.resume(bot, number)
        for thread in beside(partial(sessions.touch, bot, number), partial(sessions.end_all, bot)):
            thread.join()
        assert not sessions.resume(bot, number)
