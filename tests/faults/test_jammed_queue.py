"""What if workers are killed while a broken queue rests? Those in their place try it at once, and serve the rest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels_app import providers
from tests.faults.plant import plant, wait_until
from tests.faults.test_desk_killed import MOVED, OWNED, PENDING, Desks
from tests.handover.routing import cast

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

SUPPORT = """
INSERT INTO handover_queue SELECT (jsonb_populate_record(q, jsonb_build_object('id', q.id + 1000, 'key', 'support')
)).* FROM handover_queue q WHERE key = 'sales' RETURNING id
"""
BELONG = "INSERT INTO handover_membership (agent_id, queue_id, role) SELECT id, %s, 'agent' FROM handover_agent"


@pytest.fixture
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    """Its workers let a broken queue rest for an hour."""
    made = tmp_path_factory.mktemp("jammed")
    with plant(made, worker="patient") as running, providers.graph() as graph:
        agents = running.run("desks", {"do": "seed", "graph": graph.url, "agents": 2})
        running.start_programs()
        yield Desks(running, agents)


def failures(desks: Desks) -> int:
    return sum("dispatch of queue" in line and "failed" in line for line in desks.plant.lines)


@pytest.mark.scenario("HO-49")
def test_a_broken_queue_rests_no_longer_than_the_worker_that_let_it_rest(desks: Desks) -> None:
    desks.go()
    (jammed,) = desks.plant.run("desks", {"do": "wait", "count": 1, "delivery": "auto"})
    [(support,)] = desks.ask(SUPPORT)
    desks.tell(BELONG, support)
    desks.tell(cast.jam("sales"))
    desks.come()
    wait_until(lambda: failures(desks) == 2, 40, "both workers let it rest")
    for worker in desks.plant.workers:
        desks.plant.kill(worker)
    (other,) = desks.plant.run("desks", {"do": "wait", "count": 1, "delivery": "auto", "queue": "support"})
    wait_until(lambda: desks.ask(OWNED, [other]) == [(1,)] and failures(desks) == 4, 40, "tried by those that came")
    assert desks.ask(OWNED, [jammed]) == [(0,)]
    desks.tell(cast.UNJAM)
    for worker in desks.plant.workers:
        desks.plant.kill(worker)
    wait_until(lambda: desks.ask(OWNED, [jammed]) == [(1,)], 40, "mended, it is served by the next")
    assert (desks.ask(MOVED, [jammed, other]), desks.ask(PENDING)) == ([(2,)], [])
