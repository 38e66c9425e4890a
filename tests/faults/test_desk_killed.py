"""What do agents lose when Redis is emptied, their server dies, or a worker is killed while it gives work away?"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from tests.channels_app import providers
from tests.faults.lines import Json, Screen
from tests.faults.load import post
from tests.faults.plant import Plant, plant, wait_until
from tests.faults.test_outages import webhook

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

AGENTS = 4
PENDING = "SELECT conversation_id, agent_id, public_id FROM handover_reservation WHERE status = 'pending' ORDER BY id"
WOUND = "SELECT count(*) FROM conversations_timer WHERE kind = 'reservation'"
OWNED = "SELECT count(*) FROM conversations_conversation WHERE owner_kind = 'agent' AND id = ANY(%s)"
MOVED = """
SELECT count(*) FROM conversations_conversationevent
WHERE conversation_id = ANY(%s) AND (kind = 'offered' OR kind = 'owner_changed' AND data -> 'to' ->> 'kind' = 'agent')
"""
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = 'conversations_conversationevent' AND column_name NOT IN ('id', 'seq', 'epoch')
"""


@dataclass
class Desks:
    """A running plant and its agents."""

    plant: Plant
    agents: list[Json]

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.plant.environment["DATABASE_URL"]) as link:
            return link.execute(query, values or None).fetchall()

    def tell(self, query: str, *values: Any) -> None:
        with psycopg.connect(self.plant.environment["DATABASE_URL"]) as link:
            link.execute(query, values or None)

    def open(self, agent: Json) -> Screen:
        """The screen of an agent who watches their conversation."""

        def frame(seq: int) -> Json:
            return {"type": "subscribe", "conversation": agent["conversation"], "after": seq}

        url = f"{self.plant.url.replace('http', 'ws', 1)}/inbox/socket"
        stream = f"conversation:{agent['conversation']}"
        return Screen(url, self.plant.url, stream, frame, frame, headers={"Cookie": agent["cookie"]})

    def post(self, agent: Json, path: str) -> int:
        headers = {"Cookie": agent["cookie"], "X-CSRFToken": "x" * 32, "Origin": self.plant.url}
        headers |= {"Accept": "application/json"}
        return httpx.post(f"{self.plant.url}/inbox/{path}", headers=headers, timeout=10).status_code

    def accept(self, offer: tuple[Any, ...]) -> int:
        """Of a row of `PENDING`, by the agent who was asked."""
        _, agent_id, public_id = offer
        agent = next(one for one in self.agents if one["agent"] == agent_id)
        return self.post(agent, f"offers/{public_id}/accept")

    def has_all(self, screens: list[Screen]) -> bool:
        """Every thread is complete and in order."""
        heads = dict(self.ask("SELECT public_id::text, head_seq FROM conversations_conversation"))
        ends = [heads[agent["conversation"]] for agent in self.agents]
        return [[one["seq"] for one in screen.taken] for screen in screens] == [[*range(1, end + 1)] for end in ends]

    def come(self) -> None:
        self.tell("UPDATE handover_agent SET last_seen_at = now(), not_responding_at = NULL, missed_offers = 0")

    def go(self) -> None:
        self.tell("UPDATE handover_agent SET last_seen_at = now() - interval '5 minutes'")


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    with plant(tmp_path_factory.mktemp("desks")) as running, providers.graph() as graph:
        agents = running.run("desks", {"do": "seed", "graph": graph.url, "agents": AGENTS})
        running.start_programs()
        wait_until(lambda: post(running.port, webhook("hello", agents[0]["phone"])) == 200, 30, "words are taken")
        yield Desks(running, agents)


@pytest.mark.scenario("HO-48")
def test_redis_emptied_under_load_costs_no_word_no_offer_and_no_presence(desks: Desks) -> None:
    screens = [desks.open(agent) for agent in desks.agents]
    try:
        desks.come()
        desks.plant.run("desks", {"do": "wait", "count": AGENTS, "delivery": "offer"})
        wait_until(lambda: len(desks.ask(PENDING)) == AGENTS, 40, "each is offered to somebody")
        desks.go()
        under_load(desks, desks.plant.flush_redis)
        assert [desks.post(agent, "heartbeat") for agent in desks.agents] == [204] * AGENTS
        here = "SELECT count(*) FROM handover_agent WHERE last_seen_at > now() - interval '20 s'"
        assert desks.ask(here) == [(AGENTS,)]
        assert desks.ask(WOUND) == [(AGENTS,)]
        offered = desks.ask(PENDING)
        assert [desks.accept(one) for one in offered] == [200] * AGENTS
        assert desks.ask(OWNED, [pk for pk, _, _ in offered]) == [(AGENTS,)]
        wait_until(lambda: desks.has_all(screens), 25, "every thread is complete")
    finally:
        for screen in screens:
            screen.close()


@pytest.mark.scenario("HO-52")
def test_screens_whose_server_is_killed_come_back_and_miss_nothing(desks: Desks) -> None:
    screens = [desks.open(agent) for agent in desks.agents]
    try:
        wait_until(lambda: all(screen.connections for screen in screens), 40, "all are there")
        under_load(desks, lambda: desks.plant.kill(desks.plant.live), times=1)
        wait_until(lambda: all(screen.connections > 1 for screen in screens), 30, "all are back")
        assert [post(desks.plant.port, webhook("and?", agent["phone"])) for agent in desks.agents] == [200] * AGENTS
        wait_until(lambda: not desks.plant.left()["waiting"], 40, "the last words are taken")
        wait_until(lambda: desks.has_all(screens), 30, "every thread is complete")
    finally:
        for screen in screens:
            screen.close()


@pytest.mark.scenario("HO-48")
@pytest.mark.parametrize("how", [signal.SIGSTOP, signal.SIGKILL])
def test_while_redis_is_gone_work_is_offered_and_taken_and_none_of_it_twice(desks: Desks, how: signal.Signals) -> None:
    desks.go()
    waits = desks.plant.run("desks", {"do": "wait", "count": 3, "delivery": "offer"})
    with without_redis(desks.plant, how):
        desks.come()
        wait_until(lambda: desks.ask(MOVED, waits) == [(3,)], 30, "each is offered without Redis")
        first, *rest = desks.ask(PENDING)
        assert desks.accept(first) == 200
    wait_until(lambda: [desks.accept(one) for one in rest] == [200] * 2, 40, "the others are taken with Redis")
    time.sleep(1.5)  # nobody is offered it a second time
    assert (desks.ask(OWNED, waits), desks.ask(MOVED, waits), desks.ask(PENDING)) == ([(3,)], [(6,)], [])


@pytest.mark.scenario("HO-49")
@pytest.mark.parametrize("delivery", ["offer", "auto"])
def test_a_worker_killed_while_it_gives_work_away_leaves_nothing_half_given(desks: Desks, delivery: str) -> None:
    desks.go()
    waits = desks.plant.run("desks", {"do": "wait", "count": 3, "delivery": delivery})
    with stuck_at(desks, waits[1]):
        desks.come()
        wait_until(lambda: desks.ask(BLOCKED) != [(0,)], 40, "a worker is in the middle of it")
        for worker in desks.plant.workers:
            desks.plant.kill(worker)
        assert desks.ask(MOVED, waits) == [(0,)]
    wait_until(lambda: desks.ask(MOVED, waits) == [(3,)], 40, "each is given once")
    time.sleep(1.5)  # nobody gives it a second time
    given = len([pk for pk, _, _ in desks.ask(PENDING) if pk in waits]) if delivery == "offer" else 0
    assert (given or desks.ask(OWNED, waits)[0][0], desks.ask(MOVED, waits)) == (3, [(3,)])
    wound = "SELECT count(*) FROM conversations_timer t JOIN handover_reservation r ON r.id = t.object_id "
    assert desks.ask(f"{wound} WHERE t.kind = 'reservation' AND r.conversation_id = ANY(%s)", waits) == [(given,)]


@pytest.mark.scenario("HO-49")
def test_a_worker_killed_between_two_of_many_leaves_the_rest_to_another_and_none_is_done_twice(desks: Desks) -> None:
    desks.go()
    desks.tell("UPDATE handover_queue SET strategy = 'manual'")
    waits = desks.plant.run("desks", {"do": "wait", "count": 4, "delivery": "offer"})
    with stuck_at(desks, waits[2]):
        desks.plant.run("desks", {"do": "ask_for_all", "agent": desks.agents[0]["agent"], "conversations": waits})
        wait_until(lambda: desks.ask(OWNED, waits) == [(2,)] and desks.ask(BLOCKED) != [(0,)], 30, "at the third")
        for worker in desks.plant.workers:
            desks.plant.kill(worker)
    time.sleep(3)
    assert desks.ask(OWNED, waits) == [(2,)], "it may still live"
    desks.tell("UPDATE handover_bulkaction SET done_at = now() - interval '2 minutes'")
    noted = "SELECT count(*) FROM handover_bulkaction, jsonb_each(before) WHERE value ->> 'owner' = 'queue'"
    all_can_be_taken_back = f"{noted} AND refused = '{{}}' AND status = 'done'"
    wait_until(lambda: desks.ask(all_can_be_taken_back) == [(4,)], 40, "another worker goes on")
    assert (desks.ask(OWNED, waits), desks.ask(MOVED, waits)) == ([(4,)], [(4,)])


@contextmanager
def without_redis(plant: Plant, how: signal.Signals) -> Iterator[None]:
    """It does not answer (SIGSTOP), or is not there at all; afterwards it is, emptied if it was killed."""
    os.kill(plant.redis.pid, how)
    try:
        yield
    finally:
        if how == signal.SIGSTOP:
            os.kill(plant.redis.pid, signal.SIGCONT)
        else:
            assert plant.redis.process is not None
            plant.redis.process.wait()
            plant.redis.start()
            plant.redis.wait_ready()


@contextmanager
def stuck_at(desks: Desks, conversation: int) -> Iterator[None]:
    """Whoever writes the conversation's next event waits: somebody is writing it who never commits."""
    columns = ", ".join(name for (name,) in desks.ask(COLUMNS))
    same = f"""
    INSERT INTO conversations_conversationevent (seq, {columns})
    SELECT seq + 1, {columns} FROM conversations_conversationevent WHERE conversation_id = %s ORDER BY seq DESC LIMIT 1
    """  # names of columns, from the database
    with psycopg.connect(desks.plant.environment["DATABASE_URL"]) as link:
        link.execute(same, [conversation])
        yield
        link.rollback()


def under_load(desks: Desks, fault: Any, times: int = 4) -> None:
    """Every customer writes on, five words a second in all, while it happens so many times."""
    over = threading.Event()

    def talk() -> None:
        number = 0
        while not over.wait(0.2):
            post(desks.plant.port, webhook(f"word {number}", desks.agents[number % AGENTS]["phone"]))
            number += 1

    talker = threading.Thread(target=talk)
    talker.start()
    for _ in range(times):
        time.sleep(0.7)
        fault()
    time.sleep(1.0)
    over.set()
    talker.join()
