"""Does a journey go on at its step, with every answer, though the workers that move it are killed?"""

from __future__ import annotations

import copy
import os
import random
import threading
import time
from typing import Any

import pytest

from config.selftest.browser import Browser
from tests.channels_app import providers, storefront
from tests.faults.load import post
from tests.faults.plant import Plant, plant, wait_until
from tests.faults.test_outages import webhook

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(180),
    # The self-test's browser keeps its socket open across steps.
    pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning"),
]
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10_000))
WALKERS, SECONDS = 20, 8.0
STEPS = ("name", "size", "budget", "reason", "over")
Walks = dict[str, Any]


def answers(number: str) -> tuple[str, ...]:
    """What this person says, beginning with the word that starts the journey."""
    return "walk", f"Nora {number}", "2", "400", f"because {number}"


def expected(number: str, depth: int) -> dict[str, Any]:
    """Where a run stands after so many answers, told from the journey alone."""
    _, name, _, _, reason = answers(number)
    given = {"name": name, "size": "large", "budget": 400, "reason": reason}
    asked = ["What is your name?", f"Which size, {name}?", "What is your budget?", "Why Large?"]
    kept = dict(list(given.items())[:depth])
    said = asked[: depth + 1] if depth < 4 else [*asked, f"All: {name} Large 400 {reason}"]
    taken = [(step, "chosen" if step == "size" else "answered") for step in STEPS[:depth]]
    return {"step": STEPS[depth], "vars": kept, "said": said, "taken": taken, "has_gaps": False}


def walked(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The one run in the form of `expected`."""
    (run,) = runs
    taken = [(step, outcome) for _, step, outcome in run["log"] if outcome in ("answered", "chosen")]
    return {"taken": taken, **{name: run[name] for name in ("step", "vars", "said", "has_gaps")}}


def differences(depths: dict[str, int], walks: Walks) -> list[str]:
    """Whose journey did not come out as it should."""
    seqs: dict[int, set[int]] = {}
    found: list[str] = []
    for number, depth in depths.items():
        if walked(walks[number]) != expected(number, depth):
            found.append(f"{number} {depth} {walks[number]}")
        seqs.setdefault(depth, set()).add(walks[number][0]["seq"])
    return found + [f"depth {depth}: seqs {those}" for depth, those in seqs.items() if len(those) > 1]


def walk(running: Plant, number: str, depth: int, dice: random.Random) -> None:
    for text in answers(number)[: depth + 1]:
        time.sleep(dice.uniform(0.3, 1.7) * SECONDS / 5)
        assert post(running.port, webhook(text, number)) == 200


def kill_workers(running: Plant, dice: random.Random, until: list[threading.Thread]) -> int:
    deaths = 0
    while any(thread.is_alive() for thread in until):
        time.sleep(dice.uniform(0.5, 1.5))
        running.kill(dice.choice(running.workers))
        deaths += 1
    return deaths


def storm(running: Plant, depths: dict[str, int]) -> None:
    threads = [
        threading.Thread(target=walk, args=(running, number, depth, random.Random(SEED + int(number))))
        for number, depth in depths.items()
    ]
    for thread in threads:
        thread.start()
    assert kill_workers(running, random.Random(SEED), threads) >= 5
    wait_until(lambda: not running.left()["waiting"], 60, "every message is taken")


def goes_on(running: Plant, number: str, depth: int) -> None:
    """The same person in the shop: the card names the step; one tap asks its question there; the rest is answered."""
    signed = running.run("walks", {"do": "login", "number": number})["login"]
    browser = Browser(running.url, storefront.KEY, signed)
    try:
        assert browser.card is not None and browser.card["step"].lower() == STEPS[depth]
        browser.goes_on()
        for worker in running.workers:
            running.kill(worker)
        wait_until(browser.texts, 40, "the question comes to the shop")
        assert expected(number, depth)["said"][-1] in browser.texts()[-1]
        for text in answers(number)[depth + 1 :]:
            count = len(browser.said())
            browser.says(text)
            wait_until(lambda: len(browser.said()) > count, 40, "the answer is taken")  # noqa: B023  # used at once
        assert browser.texts()[-1] == expected(number, 4)["said"][-1]
    finally:
        browser.close()


@pytest.mark.scenario("T-P11")
def test_journeys_go_on_at_their_step_whoever_is_killed_and_on_the_web_too(tmp_path_factory: Any):
    print(f"resume: seed {SEED}")
    depths = {f"4670900{n:04}": n % 5 for n in range(WALKERS)}
    with plant(tmp_path_factory.mktemp("resume")) as running, providers.graph() as graph:
        running.run("walks", {"do": "seed", "graph": graph.url})
        running.start_programs()
        storm(running, depths)
        walks = running.run("walks", {"do": "runs"})
        assert differences(depths, walks) == []
        assert control(depths, walks) == [True] * 4
        mid = list(depths)[2]
        goes_on(running, mid, 2)
        (before,), (after,) = walks[mid], running.run("walks", {"do": "runs"})[mid]
        assert (after["id"], after["status"]) == (before["id"], "completed")
        assert after["vars"] == expected(mid, 4)["vars"]


def control(depths: dict[str, int], walks: Walks) -> list[bool]:
    """Whether a question said twice, an answer lost or applied twice, and a run that stands elsewhere are noticed."""
    number = list(depths)[3]
    found = []
    for spoil in (
        lambda run: run["said"].append(run["said"][-1]),
        lambda run: run["vars"].popitem(),
        lambda run: run["log"].append(next(row for row in run["log"] if row[2] == "answered")),
        lambda run: run.update(step="name"),
    ):
        spoiled = copy.deepcopy(walks)
        spoil(spoiled[number][0])
        found.append(bool(differences(depths, spoiled)))
    return found
