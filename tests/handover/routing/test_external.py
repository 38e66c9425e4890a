"""Whom does another system choose, and what if it says nothing?"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from conversations.models import Connection
from handover.models import Agent, Queue
from handover.routing import dispatch, external
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db(transaction=True)


class Engine:
    """A routing engine on this machine that always answers the same."""

    def __init__(self, answer: Any, status: int = 200) -> None:
        heard: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.heard, self.server = heard, HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_port

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def queue(settings: Any, transactional_db: None) -> Iterator[Queue]:
    settings.CONNECTION_PRIVATE_HOSTS = ["127.0.0.1"]
    found = cast.queue(strategy="external", delivery="auto")
    for name in ("Ana Sousa", "Ben Okafor"):
        factories.agent(name, queues=(found,))
    yield found
    external._resting.clear()


def connect(queue: Queue, engine: Engine) -> None:
    address = f"http://127.0.0.1:{engine.port}"
    queue.connection = Connection.objects.create(key="engine", title="Engine", base_url=address, ports=[engine.port])
    queue.save(update_fields=["connection"])


def test_the_engine_chooses(queue: Queue) -> None:
    engine = Engine({"agent": "ben"})
    connect(queue, engine)
    waits = cast.waiting(queue)
    dispatch.run()
    engine.close()
    assert cast.owner(waits) == ("agent", Agent.objects.get(name="Ben Okafor").pk)
    [asked] = engine.heard
    assert (asked["queue"], asked["conversation"]) == ("sales", str(waits.public_id))
    assert {agent["agent"] for agent in asked["agents"]} == {"ana", "ben"}


@pytest.mark.parametrize(("answer", "status"), [({"agent": "nobody"}, 200), ([], 200), ({}, 500)])
def test_without_a_useful_answer_whoever_carries_least_gets_it(queue: Queue, answer: Any, status: int) -> None:
    engine = Engine(answer, status)
    connect(queue, engine)
    ana = Agent.objects.get(name="Ana Sousa")
    factories.give(factories.waiting_in(queue), ana)
    waits = cast.waiting(queue)
    dispatch.run()
    engine.close()
    assert cast.owner(waits) == ("agent", Agent.objects.get(name="Ben Okafor").pk)


def test_an_engine_that_is_away_is_left_alone_for_a_while(queue: Queue) -> None:
    engine = Engine({"agent": "ana"}, 500)
    connect(queue, engine)
    waits = [cast.waiting(queue) for _ in range(3)]
    dispatch.run()
    engine.close()
    assert [cast.owner(each)[0] for each in waits] == ["agent"] * 3
    assert len(engine.heard) == 1


def test_a_queue_without_a_connection_gives_to_whoever_carries_least(queue: Queue) -> None:
    waits = cast.waiting(queue)
    dispatch.run()
    assert cast.owner(waits)[0] == "agent"
