"""What works while Redis or Postgres is away, and what is said aloud when something cannot be done?"""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from django.conf import settings

from tests.channels_app import providers, whatsapp
from tests.faults.load import PATH, post
from tests.faults.plant import Plant, plant, wait_until
from tests.signals import send_to_all

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

_numbers = count(1)


@dataclass
class Scene:
    """A running plant and the provider that it sends to."""

    plant: Plant
    graph: providers.Graph

    def say(self, text: str, *, sender: str = whatsapp.MAYA) -> int:
        return post(self.plant.port, webhook(text, sender))

    def is_answered(self, sender: str) -> bool:
        return any(body["to"] == sender for body in list(self.graph.accepted))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with plant(tmp_path_factory.mktemp("outages")) as running, providers.graph() as graph:
        running.run("seed", {"graph": graph.url})
        running.start_programs()
        wait_until(lambda: post(running.port, webhook("echo", newcomer())) == 200, 40, "the first webhook is taken")
        yield Scene(running, graph)


def newcomer() -> str:
    return f"46709{next(_numbers):06}"


def webhook(text: str, sender: str, wamid: str = "") -> bytes:
    return whatsapp.body(whatsapp.value(whatsapp.message(text, sender=sender, wamid=wamid)))


@pytest.mark.scenario("T-P2")
@pytest.mark.scenario("HO-10")
def test_one_event_twenty_times_at_once_is_answered_once(scene: Scene):
    sender = newcomer()
    raw = webhook("echo", sender)
    threads = [threading.Thread(target=post, args=(scene.plant.port, raw)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: scene.is_answered(sender), 40, "the answer leaves")
    post(scene.plant.port, raw)
    time.sleep(1.5)
    assert [body["to"] for body in scene.graph.accepted].count(sender) == 1


@pytest.mark.scenario("T-P15")
@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_without_redis_everything_is_taken_stored_and_answered(scene: Scene, how: signal.Signals):
    redis = scene.plant.redis
    os.kill(redis.pid, how)
    try:
        senders = [newcomer() for _ in range(10)]
        began = time.monotonic()
        assert [scene.say("echo", sender=sender) for sender in senders] == [200] * 10
        assert time.monotonic() - began < 5, "an acknowledgement waits for Redis"
        wait_until(lambda: all(map(scene.is_answered, senders)), 40, "answers leave without Redis")
    finally:
        if how == signal.SIGSTOP:
            os.kill(redis.pid, signal.SIGCONT)
        else:
            redis.process.wait()
            redis.start()
            redis.wait_ready()


@pytest.mark.scenario("HO-48")
def test_a_flushed_redis_costs_nothing(scene: Scene):
    senders = [newcomer() for _ in range(20)]
    for sender in senders:
        assert scene.say("echo", sender=sender) == 200
        scene.plant.flush_redis()
    wait_until(lambda: all(map(scene.is_answered, senders)), 40, "every answer leaves")
    assert len(scene.graph.refs) == len(set(scene.graph.refs))


@pytest.mark.scenario("T-P15")
def test_without_postgres_nothing_is_accepted_and_the_sender_is_told_to_come_again(scene: Scene):
    sender = newcomer()
    with scene.plant.lock:
        scene.plant.postgres.stop(hard=True)
        try:
            status, headers = ask(scene.plant.port, webhook("echo", sender))
            assert (status, "retry-after" in headers) == (503, True)
            status, headers = look(scene.plant.port, "/inbox/counts")
            assert (status, headers.get("retry-after")) == (503, "5")
        finally:
            scene.plant.postgres.start()
            scene.plant.postgres.wait_ready()
    wait_until(lambda: scene.say("echo", sender=sender) == 200, 40, "webhooks are taken again")
    wait_until(lambda: scene.is_answered(sender), 40, "and answered")


@pytest.mark.scenario("T-P15")
def test_a_paused_postgres_is_503_and_no_request_waits_for_ever(scene: Scene):
    sender = newcomer()
    found = [scene.plant.postgres.pid, *backends(scene.plant)]
    send_to_all(found, signal.SIGSTOP)
    try:
        began = time.monotonic()
        status, _ = ask(scene.plant.port, webhook("echo", sender))
        assert status == 503 and time.monotonic() - began < 15
    finally:
        send_to_all(found, signal.SIGCONT)
    wait_until(lambda: scene.say("echo", sender=sender) == 200, 30, "webhooks are taken again")
    wait_until(lambda: scene.is_answered(sender), 30, "and answered")


def test_a_worker_that_is_asked_to_stop_finishes_the_send_it_has_begun(scene: Scene):
    sender = newcomer()
    with scene.plant.lock:
        other, last = scene.plant.workers
        other.stop()
        scene.graph.script = ["slow:1.5"]
        assert scene.say("echo", sender=sender) == 200
        wait_until(lambda: not scene.graph.script, 40, "the send begins")
        process = last.process
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert scene.is_answered(sender)
    wait_until(lambda: scene.plant.left() == {"waiting": 0, "unsent": 0}, 30, "it is written")


def ask(port: int, raw: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers; a request that is not answered within 20 s fails the test."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", PATH, raw, {"x-hub-signature-256": whatsapp.signature(raw)})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return found


def look(port: int, path: str) -> tuple[int, dict[str, str]]:
    """The same of what a script of somebody with a session asks for; a page would need its style sheets collected."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    cookie = f"{settings.SESSION_COOKIE_NAME}={'x' * 32}"
    connection.request("GET", path, headers={"Accept": "application/json", "Cookie": cookie})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return found


def backends(running: Plant) -> list[int]:
    from config.embedded import postgres

    return [pid for pid in postgres.processes_in(running.directory / "postgres") if pid != running.postgres.pid]
