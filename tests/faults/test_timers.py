"""Does each timer take effect once and never early, though workers die, are away, or have a wrong clock?"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.channels_app import providers, whatsapp
from tests.faults.load import post
from tests.faults.plant import Plant, plant, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
BURST = 200
SLOW_BURST = 30  # of careless bells, each of half a second
WIND = """
INSERT INTO conversations_timer (kind, object_id, guard, due_at)
SELECT 'bell', n, 0, clock_timestamp() + %s * interval '1 second' FROM generate_series(%s::int, %s::int) n
"""
DOZER = "46708000001"


@pytest.fixture(scope="module")
def tower(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A plant whose workers ring bells; they are started by the tests."""
    with plant(tmp_path_factory.mktemp("timers"), worker="bells") as running, providers.graph() as graph:
        ask(running, "CREATE TABLE bell (number bigint, ringer int, at timestamptz DEFAULT clock_timestamp())")
        running.run("walks", {"do": "seed", "graph": graph.url})
        yield running


def ask(running: Plant, query: str, *given: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(running.environment["DATABASE_URL"], autocommit=True) as link:
        cursor = link.execute(query, given)  # type: ignore[arg-type]  # queries of this module
        return cursor.fetchall() if cursor.description else []


@contextmanager
def workers(running: Plant, **env: str) -> Iterator[None]:
    """Both workers, with these variables; ended hard."""
    for worker in running.workers:
        worker.env = {**running.environment, **env}
        worker.start()
    try:
        yield
    finally:
        for worker in running.workers:
            worker.stop(hard=True)


def wind(running: Plant, first: int, count: int, *, after: float) -> None:
    ask(running, "TRUNCATE bell")
    ask(running, WIND, after, first, first + count - 1)


def are_left(running: Plant, kind: str = "bell") -> bool:
    return bool(ask(running, "SELECT 1 FROM conversations_timer WHERE kind = %s LIMIT 1", kind))


def rung(running: Plant) -> Counter[int]:
    return Counter(number for (number,) in ask(running, "SELECT number FROM bell"))


def kill_often(running: Plant, seconds: float) -> int:
    """kill -9 of the worker that rang last, each started again at once; the number of deaths in mid-burst."""
    dice, deaths, end = random.Random(7), 0, time.monotonic() + seconds
    while are_left(running) and time.monotonic() < end:
        time.sleep(dice.uniform(0.2, 0.6))
        last = ask(running, "SELECT ringer FROM bell ORDER BY at DESC LIMIT 1")
        worker = next((one for one in running.workers if one.process and [(one.process.pid,)] == last), None)
        if worker is None:  # whoever rang last is dead already
            continue
        running.kill(worker)
        worker.start()
        deaths += 1
    return deaths


@pytest.mark.scenario("T-P10")
def test_due_while_the_workers_were_away_and_killed_while_firing_each_rings_once(tower: Plant):
    wind(tower, 1, BURST, after=-3600)
    with workers(tower):
        wait_until(lambda: sum(rung(tower).values()) > 5, 40, "the first bells ring")
        assert kill_often(tower, 6) >= 2
        wait_until(lambda: not are_left(tower), 30, "every timer is gone")
    assert rung(tower) == Counter(range(1, BURST + 1))


@pytest.mark.scenario("T-P10")
def test_control_an_effect_outside_the_timers_transaction_is_seen_to_ring_twice(tower: Plant):
    wind(tower, 1001, SLOW_BURST, after=-1)
    with workers(tower, BELL_CARELESS="1"):
        wait_until(lambda: rung(tower), 40, "the first bell rings")
        assert kill_often(tower, 6) >= 2
        wait_until(lambda: not are_left(tower), 60, "every timer is gone")
    assert max(rung(tower).values()) > 1


@pytest.mark.scenario("T-P10")
@pytest.mark.parametrize("hours", ["36", "-1"])
def test_a_worker_with_a_wrong_clock_rings_neither_early_nor_late(tower: Plant, hours: str):
    wind(tower, 1, 10, after=5)
    ((due,),) = ask(tower, "SELECT max(due_at) FROM conversations_timer WHERE kind = 'bell'")
    with workers(tower, BELL_HOURS=hours):
        wait_until(lambda: not are_left(tower), 40, "every timer is gone")
    ((first, last),) = ask(tower, "SELECT min(at), max(at) FROM bell")
    assert rung(tower) == Counter(range(1, 11))
    assert first >= due and (last - due).total_seconds() < 8


@pytest.mark.scenario("T-P10")
@pytest.mark.parametrize("hours", ["36", "-1"])
def test_the_deadline_of_a_step_is_set_by_the_databases_clock(tower: Plant, hours: str):
    sender = f"4670810{int(hours) % 100:04}"
    if tower.live.process is None:
        tower.live.start()
        tower.live.wait_ready()
    with workers(tower, BELL_HOURS=hours):
        assert post(tower.port, whatsapp.body(whatsapp.value(whatsapp.message("doze", sender=sender)))) == 200
        wait_until(lambda: are_left(tower, "journey_timeout"), 40, "the step's timer is set")
    query = "DELETE FROM conversations_timer WHERE kind = 'journey_timeout' RETURNING due_at - clock_timestamp()"
    ((left,),) = ask(tower, query)
    assert 570 < left.total_seconds() <= 600


@pytest.mark.scenario("T-P10")
def test_a_step_that_timed_out_while_the_workers_were_away_takes_effect_once(tower: Plant):
    with workers(tower):
        assert post(tower.port, whatsapp.body(whatsapp.value(whatsapp.message("doze", sender=DOZER)))) == 200
        wait_until(lambda: are_left(tower, "journey_timeout"), 40, "the step's timer is set")
    ask(tower, "UPDATE conversations_timer SET due_at = clock_timestamp() - interval '1 hour'")
    with workers(tower):
        wait_until(lambda: not are_left(tower, "journey_timeout"), 40, "the timer has fired")
    (run,) = tower.run("walks", {"do": "runs"})[DOZER]
    assert (run["status"], run["said"].count("Sleep well.")) == ("completed", 1)
