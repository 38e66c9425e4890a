"""Do the promises hold while processes are killed, and does the check that says so notice when they do not?"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults import chaos
from tests.faults.plant import plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

SECONDS = float(os.environ.get("CHAOS_SECONDS", "40"))
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10_000))


@pytest.mark.scenario("T-P1")
@pytest.mark.scenario("T-P2")
@pytest.mark.scenario("T-P3")
@pytest.mark.scenario("T-P4")
@pytest.mark.scenario("T-P5")
@pytest.mark.scenario("HO-48")
@pytest.mark.scenario("HO-49")
def test_killed_processes_lose_nothing_and_double_nothing(tmp_path: Path):
    faults = {"worker": 4.0, "live": 12.0, "postgres": 10.0, "redis": 5.0}
    with plant(tmp_path) as running:
        verdict = chaos.run(running, seconds=SECONDS, seed=SEED, faults=faults)
    assert chaos.violations(verdict) == {}, verdict["figures"]
    assert verdict["figures"]["messages"] > SECONDS
    assert verdict["figures"]["deliveries"].get("delivered", 0) > 0


@pytest.mark.scenario("T-101")
def test_control_a_a_database_that_forgets_is_caught(tmp_path: Path):
    with plant(tmp_path, unsafe=True) as running:
        verdict = chaos.run(running, seconds=16, seed=SEED, faults={"postgres": 5.0}, settles=False)
    assert verdict["lost"], "Postgres forgot what it had acknowledged, and the oracle did not see it"


@pytest.mark.scenario("T-101")
def test_control_b_a_sender_that_says_sent_before_the_call_is_caught(tmp_path: Path):
    with plant(tmp_path, worker="careless") as running:
        verdict = chaos.run(running, seconds=16, seed=SEED, faults={"worker": 4.0}, settles=False)
    assert verdict["said_sent_never_taken"], "messages were never sent, and the oracle did not see it"
