"""Can somebody who should not use an agent's socket use it, or break it?"""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.test import Client

from handover.inbox import requests
from handover.inbox.requests import Unreadable
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later
from tests.handover.inbox.conftest import ana, desk, fresh_loops, sales

__all__ = ["ana", "desk", "fresh_loops", "sales"]

pytestmark = pytest.mark.django_db(transaction=True)
OWN = settings.PUBLIC_URL
DEEP = "[" * 15_000


@pytest.mark.scenario("T-12")
@pytest.mark.parametrize(
    "origins",
    [
        ("https://evil.example",),
        ("null",),
        (OWN.replace("localhost", "localhost.evil.example"),),
        (f"{OWN}1",),
        (OWN.replace("http://", "https://"),),
        (OWN, OWN),
        (OWN, "https://evil.example"),
        ("https://evil.example", OWN),
        (f"{OWN}/",),
        ("",),
    ],
)
async def test_another_origin_is_refused_even_with_the_cookie(desk: Client, origins: tuple[str, ...]) -> None:
    assert not await Screen(desk, origins=origins).connect()


@pytest.mark.scenario("T-12")
async def test_our_own_origin_is_let_in(desk: Client) -> None:
    screen = await Screen(desk).open()
    await screen.leave()


@pytest.mark.scenario("T-13")
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"text": "no json"}, 1003),
        ({"text": DEEP}, 1003),
        ({"text": "null"}, 1003),
        ({"text": "[]"}, 1003),
        ({"text": '{"type": "websocket.close"}'}, 1003),
        ({"text": '{"type": "push"}'}, 1003),
        ({"text": '{"type": ["subscribe"]}'}, 1003),
        ({"text": '{"type": "subscribe", "conversation": "desk", "after": 0}'}, 1003),
        ({"text": '{"type": "subscribe", "conversation": 7, "after": 0}'}, 1003),
        ({"text": '{"type": "shown", "ids": {}}'}, 1003),
        ({"binary": b"\x00\x01"}, 1003),
        ({"text": "x" * 20_000}, 1009),
        ({"binary": b"x" * 20_000}, 1009),
    ],
)
async def test_a_frame_that_is_none_of_ours_closes_the_socket(
    desk: Client, frame: dict[str, object], code: int
) -> None:
    screen = await Screen(desk).open()
    await screen.send(**frame)  # type: ignore[arg-type]  # a crafted frame
    assert await screen.closed_with() == code


@pytest.mark.scenario("T-13")
def test_only_the_fixed_vocabulary_is_read() -> None:
    for word in ("__class__", "push", "tell", "disconnect", "hello"):
        with pytest.raises(Unreadable):
            requests.read(json.dumps({"type": word}), None)
    assert requests.read('{"type": "heartbeat"}', None) == requests.Heartbeat()


@pytest.mark.scenario("T-13")
async def test_a_flood_is_cut(desk: Client) -> None:
    screen = await Screen(desk).open()
    for _ in range(130):
        await screen.ask(type="heartbeat")
    assert await screen.closed_with() == 1013


@pytest.mark.scenario("T-14")
async def test_nobody_types_where_they_may_not_look(ana: Agent, sales: Queue) -> None:
    conversation = await later(make.waiting_in, sales)
    stranger = await later(make.agent, "Tom Berger")
    watching = await Screen(await later(client_of, ana)).open()
    await watching.subscribe(conversation, after=conversation.head_seq)
    await watching.hear("subscribed")
    intruder = await Screen(await later(client_of, stranger)).open()
    await intruder.ask(type="typing", conversation=str(conversation.public_id))
    await intruder.ask(type="shown", ids=[str(conversation.public_id)])
    assert not [frame for frame in await watching.everything() if "Tom Berger" in frame]
    assert not [frame for frame in await intruder.everything() if str(conversation.public_id) in frame]
    await watching.leave()
    await intruder.leave()
