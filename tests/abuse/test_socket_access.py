"""What can each role ask over the inbox's socket? Every word of its vocabulary has a row here."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from conversations.models import Conversation
from handover.inbox import requests
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later
from tests.handover.inbox.conftest import ana, ben, chloe, fresh_loops, sales, support

__all__ = ["ana", "ben", "chloe", "fresh_loops", "sales", "support"]
pytestmark = pytest.mark.django_db(transaction=True)

# What an agent of another queue hears when they say it about a conversation of sales: the types of the frames.
ABOUT: dict[str, tuple[dict[str, Any], set[str]]] = {
    "subscribe": ({"after": 0}, {"refused"}),
    "unsubscribe": ({}, set()),
    "shown": ({}, set()),
    "viewing": ({}, set()),
    "typing": ({}, set()),
    "still": ({}, set()),
    "left": ({}, set()),
    "seen": ({"seq": 1}, set()),
}
OTHERS = {"heartbeat", "board"}  # about nobody's conversation; `board` below


def frame(word: str, conversation: Conversation) -> dict[str, Any]:
    named = str(conversation.public_id)
    who = {"ids": [named]} if word == "shown" else {"conversation": named}
    return {"type": word, **who, **ABOUT[word][0]}


@pytest.mark.scenario("T-7")
def test_every_word_of_the_socket_has_its_row() -> None:
    assert set(requests._READERS) == ABOUT.keys() | OTHERS


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize("word", ABOUT)
async def test_a_foreign_conversation_gives_nothing_away(ana: Agent, ben: Agent, sales: Queue, word: str) -> None:
    conversation = await later(make.waiting_in, sales, text="CANARY")
    watching = await Screen(await later(client_of, ana)).open()
    await watching.subscribe(conversation, after=conversation.head_seq)
    await watching.hear("subscribed")
    intruder = await Screen(await later(client_of, ben)).open()
    await intruder.ask(**frame(word, conversation))
    heard = [json.loads(text) for text in await intruder.everything()]
    assert {one["type"] for one in heard if str(conversation.public_id) in json.dumps(one)} == ABOUT[word][1]
    assert "CANARY" not in json.dumps(heard)
    assert not [text for text in await watching.everything(seconds=0.3) if "Ben Okafor" in text]
    await watching.leave()
    await intruder.leave()


@pytest.mark.scenario("T-7")
@pytest.mark.parametrize(("role", "word"), [("ana", "refused"), ("ben", "refused"), ("chloe", "board")])
async def test_only_whoever_leads_gets_a_board(ana: Agent, ben: Agent, chloe: Agent, role: str, word: str) -> None:
    agent = {"ana": ana, "ben": ben, "chloe": chloe}[role]
    screen = await Screen(await later(client_of, agent)).open()
    await screen.ask(type="board", on=True)
    answer = await screen.hear(word, seconds=10)
    if word == "board":
        assert "bq-support" not in answer["data"]["ids"] and "Ben Okafor" not in json.dumps(answer)
    else:
        assert answer["data"]["code"] == "not_leading"
    await screen.leave()


@pytest.mark.scenario("T-21")
@pytest.mark.parametrize("role", ["nobody", "ended", "retired"])
async def test_who_has_no_desk_gets_no_socket(ana: Agent, role: str) -> None:
    client = Client() if role == "nobody" else await later(client_of, ana)
    if role != "nobody":
        await later(User.objects.filter(pk=ana.user_id).update, is_active=role != "ended")
        await later(Agent.objects.filter(pk=ana.pk).update, is_active=role != "retired")
    screen = Screen(None if role == "nobody" else client)
    assert await screen.connect()
    assert await screen.closed_with() == 4401
