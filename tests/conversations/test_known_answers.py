"""Is a question passed over, or its answer offered, where the customer's attribute answers it: a choice, a place?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conversations.playing import Player, journey

CHOICES = [{"id": "s", "label": "Small"}, {"id": "m", "label": "Medium", "aliases": ["middle"]}]
SIZE = {"id": "size", "type": "ask", "text": "Which size?", "expect": {"kind": "choice", "choices": CHOICES}}
WHERE = {"id": "where", "type": "ask", "text": "Where?", "expect": {"kind": "location"}}
NAMED = {"latitude": 41.3874, "longitude": 2.1686, "name": "Shop", "address": "Main Street 1"}
NOTED = {"id": "noted", "type": "ask", "text": "{{ vars.size|default('-') }}, {{ vars.where|default('-') }}. Right?"}


def play(step: dict[str, Any], known: object, language: str = "en", **changed: object) -> Player:
    saved = {"vars": {step["id"]: {"save_to": "customer.known"}}, "languages": ["en", "es"]}
    words = {"translations": {"es": {"size.choices.m": "Mediana"}}}
    return Player(journey(step | changed, NOTED, **saved, **words), customer={"known": known}, language=language)


def test_a_known_choice_is_not_asked_again() -> None:
    player = play(SIZE, "m")
    assert (player.words, player.vars) == (["Medium, -. Right?"], {"size": "m"})


@pytest.mark.parametrize("known", ["l", "Medium enough", "", 1, 2, True, {"id": "m"}, ["m"]])
def test_what_is_none_of_the_choices_is_asked(known: object) -> None:
    assert play(SIZE, known).words == ["Which size?"]


def test_a_known_choice_is_offered_by_its_label_where_it_is_to_be_confirmed() -> None:
    player = play(SIZE, "m", ask="confirm")
    assert [option.label for option in player.said[0].options] == ["Small", "Medium", "Use Medium"]
    assert player.says("3").vars == {"size": "m"}
    assert [one.label for one in play(SIZE, "m", "es", ask="confirm").said[0].options][2] == "Usar Mediana"
    assert play(SIZE, "m", ask="confirm").says("1").vars == {"size": "s"}
    assert [option.label for option in play(SIZE, "l", ask="confirm").said[0].options] == ["Small", "Medium"]


@pytest.mark.parametrize("known", [NAMED, NAMED | {"label": "x", "more": 1}])
def test_a_known_place_is_not_asked_again(known: object) -> None:
    player = play(WHERE, known)
    assert player.words == ["-, Shop, Main Street 1. Right?"]
    assert player.vars["where"]["latitude"] == 41.3874
    confirmed = play(WHERE, known, ask="confirm")
    assert [option.label for option in confirmed.said[0].options] == ["Use Shop, Main Street 1"]
    assert confirmed.says("1").vars == player.vars


@pytest.mark.parametrize("known", [{}, {"latitude": 41}, NAMED | {"longitude": 999}, NAMED | {"latitude": "north"}])
def test_what_is_no_place_is_asked(known: object) -> None:
    assert play(WHERE, known).words == ["Where?"]


def test_a_place_answers_no_other_question() -> None:
    for kind in ("text", "number", "date", "email", "phone", "boolean", "file"):
        assert play(WHERE, NAMED, expect={"kind": kind}).run.step_id == "where"
