"""Does a customer get one answer, and the other system one effect, though the worker that asked it is killed?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.channels_app import providers
from tests.common.backends import Backend, Got, said, serve
from tests.faults.load import post
from tests.faults.plant import Plant, plant, wait_until
from tests.faults.test_outages import webhook

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
READER, BUYER = "46709000001", "46709000002"
UNSURE = "I do not know whether that was booked."


@dataclass
class Bookings:
    """What the shop has booked, by Idempotency-Key; its first answer to each key does not come before `is_over`."""

    keys: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def take(self, got: Got) -> None:
        key = got.headers["idempotency-key"]
        self.keys.append(key)
        if self.keys.count(key) == 1:
            self.is_over.wait(60)


@dataclass
class Scene:
    plant: Plant
    graph: providers.Graph
    bookings: Bookings

    def told(self, number: str) -> list[str]:
        return [providers.said(body) for body in list(self.graph.accepted) if body["to"] == number]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with serve() as shop, providers.graph() as graph:
        bookings = books(shop)
        env = {"CONNECTION_PRIVATE_HOSTS": shop.place}
        with plant(tmp_path_factory.mktemp("requests"), env=env) as running:
            running.run("asking", {"graph": graph.url, "shop": shop.url})
            running.start_programs()
            yield Scene(running, graph, bookings)
            bookings.is_over.set()


def books(shop: Backend) -> Bookings:
    bookings = Bookings()
    shop.before, shop.usual = bookings.take, said({"number": "B-1"})
    return bookings


@pytest.mark.scenario("J-24", "J-34")
def test_killed_while_it_asks_the_question_is_put_once_more_under_its_key_and_answered_once(scene: Scene) -> None:
    # Both kinds at once, for a lease takes half a minute to run out.
    assert [post(scene.plant.port, webhook(*said)) for said in (("book", READER), ("order", BUYER))] == [200, 200]
    wait_until(lambda: len(scene.bookings.keys) == 2, 40, "both are being asked")
    for worker in scene.plant.workers:
        scene.plant.kill(worker)
    wait_until(lambda: scene.told(READER) and scene.told(BUYER), 90, "both have their answer")
    scene.bookings.is_over.set()  # what the killed ones asked is answered now, to nobody
    assert post(scene.plant.port, webhook("menu", READER)) == 200
    wait_until(lambda: len(scene.told(READER)) > 1, 40, "the conversation goes on")
    keys = scene.bookings.keys
    assert (len(keys), len(set(keys))) == (3, 2)  # the one that may be repeated, once; the other one never
    assert scene.told(READER).count("Booked: B-1.") == 1
    assert scene.told(BUYER) == [UNSURE]
