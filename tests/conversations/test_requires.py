"""Does a step that requires proof wait for it, say nothing of itself, and go on at that very step?"""

from __future__ import annotations

import pytest

from conversations.journeys.effects import Prove
from conversations.journeys.state import Command, HandoverResult, Proven, Proving, Resume, Triggered
from conversations.journeys.triggers import Table
from tests.conversations.playing import PHONE, Player, journey

ASK = {"id": "why", "type": "ask", "text": "Why?", "expect": {"kind": "text"}}
END = {"id": "bye", "type": "end", "text": "Bye"}
SECRET = {"id": "told", "type": "message", "text": "Your order is on its way."}


def locked(requires: str, assurance: str = "none") -> Player:
    return Player(journey(SECRET | {"requires": requires}, ASK, END), assurance=assurance)


@pytest.mark.parametrize(
    ("requires", "assurance", "is_told"),
    [
        ("none", "none", True),
        ("verified", "none", False),
        ("attested", "none", False),
        ("attested", "verified", True),
        ("verified", "strong", True),
        ("strong", "verified", False),
        ("strong", "strong", True),
    ],
)
def test_a_step_is_taken_only_with_enough_proof(requires: str, assurance: str, is_told: bool) -> None:
    player = locked(requires, assurance)
    assert (SECRET["text"] in player.words) == is_told
    assert bool(player.did(Prove)) != is_told


def test_the_policy_of_a_journey_counts_for_every_step() -> None:
    player = Player(journey(SECRET, END, policy={"requires": "verified"}))
    assert player.did(Prove) and player.run.wait.kind == "proof"


def test_once_it_is_proven_the_same_step_is_taken() -> None:
    player = locked("verified")
    waiting = player.run
    player.goes_to(PHONE, assurance="strong").puts(Proven(waiting.wait.token))
    assert SECRET["text"] in player.words and player.run.step_id == ASK["id"]


def test_a_proof_of_an_earlier_wait_changes_nothing() -> None:
    player = locked("verified")
    before = player.run
    player.goes_to(PHONE, assurance="strong").puts(Proven(before.wait.token + 7))
    assert player.run == before


def test_words_are_left_to_whoever_asks_for_the_proof() -> None:
    player = locked("verified")
    before = player.run
    player.says("+46 70 174 06 35")
    assert (player.given, player.run, player.words) == (Proving(), before, [])


def test_a_command_and_another_journeys_word_are_heard_meanwhile() -> None:
    assert locked("verified").says("menu").given == Command("menu")
    player = Player(journey(SECRET | {"requires": "verified"}, END), table=Table({"chair": Triggered("order_chair")}))
    assert player.says("chair").given == Triggered("order_chair")


def test_a_resume_asks_for_the_proof_here_again_or_takes_the_step() -> None:
    player = locked("verified").puts(Resume())
    assert player.did(Prove)
    player.goes_to(PHONE, assurance="verified").puts(Resume())
    assert SECRET["text"] in player.words


def test_a_human_and_the_end_are_always_there() -> None:
    assert locked("verified").puts(Command("agent")).run.wait.kind == "handover"
    assert locked("verified").puts(Command("cancel")).run.status == "cancelled"


def test_after_a_human_the_step_is_tried_again() -> None:
    player = locked("verified").puts(Command("agent"))
    player.puts(HandoverResult("closed", player.run.wait.token))
    assert player.did(Prove) and player.run.wait.kind == "proof"


def test_a_wait_for_a_proof_is_kept_as_json_like_any_other() -> None:
    wait = locked("verified").run.wait
    assert type(wait).from_json(wait.to_json()) == wait
