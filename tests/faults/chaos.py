"""What breaks, and when? One seeded run of load and faults over a plant, and the oracle's words at its end."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.channels_app import providers
from tests.faults.load import Phone, Provider, as_json
from tests.faults.plant import Plant, wait_until

PHONES = 12
SETTLE = 120.0  # seconds; an expired lease takes half a minute


def run(plant: Plant, *, seconds: float, seed: int, faults: dict[str, float], settles: bool = True) -> dict[str, Any]:
    """Load with faults (name -> mean seconds between two), then calm until all is settled, then the verdict.

    `settles=False` waits for the inbox only, and asks for nothing again: what the controls look for shows by then.
    """
    print(f"chaos: seed {seed}, {seconds:.0f} s, faults {faults}")
    with providers.graph(Provider(seed, plant.port)) as provider:
        plant.run("seed", {"graph": provider.url})
        plant.start_programs()
        over, done = threading.Event(), threading.Event()
        phones = [Phone(n, plant.port, seed + n, pause=0.5) for n in range(PHONES)]
        talkers = [threading.Thread(target=phone.talk, args=(over,)) for phone in phones]
        reporter = threading.Thread(target=provider.report, args=(done,))
        for thread in (*talkers, reporter):
            thread.start()
        counts = _break(plant, seconds, random.Random(seed), faults)
        over.set()
        for thread in talkers:
            thread.join()
        settle(plant, outbox=settles)
        retried = plant.run("progress", {"retry": settles})["retried"]
        settle(plant, outbox=settles)
        done.set()
        reporter.join()
        verdict = plant.run("oracle", as_json(phones, provider))
        refused = sum(phone.refused for phone in phones)
        verdict["figures"] |= {"kills": dict(counts), "refused": refused, "retried": retried, "seed": seed}
        print("chaos:", verdict["figures"])
        return verdict


def settle(plant: Plant, *, outbox: bool) -> None:
    """Waits until the inbox, and the outbox if it is asked for, are empty."""

    def is_quiet() -> bool:
        left = plant.left()
        return not left["waiting"] and not (outbox and left["unsent"])

    wait_until(is_quiet, SETTLE, "inbox and outbox are empty")


def violations(verdict: dict[str, Any]) -> dict[str, Any]:
    """What the oracle found, promise by promise."""
    return {name: found for name, found in verdict.items() if name != "figures" and found}


def _break(plant: Plant, seconds: float, dice: random.Random, faults: dict[str, float]) -> Counter[str]:
    actions: dict[str, Callable[[], None]] = {
        "worker": lambda: plant.kill(dice.choice(plant.workers)),
        "live": lambda: plant.kill(plant.live),
        "postgres": plant.kill_postgres,
        "redis": plant.flush_redis,
    }
    counts: Counter[str] = Counter()
    end = time.monotonic() + seconds
    due = {name: time.monotonic() + every * dice.uniform(0.5, 1.5) for name, every in faults.items()}
    while (now := time.monotonic()) < end:
        for name in [name for name, at in due.items() if at <= now]:
            actions[name]()
            counts[name] += 1
            due[name] = time.monotonic() + faults[name] * dice.uniform(0.5, 1.5)
        time.sleep(0.05)
    return counts
