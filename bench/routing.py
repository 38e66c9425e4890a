"""How fast are ten thousand waiting conversations given to five hundred agents, by two workers, none beyond capacity?

Every agent has room for just as many as there are in the end, so the last ones are the hardest. Baseline: the least
that this can be by bare statements, a conversation a transaction, over two connections. `decision` is a plan with all
its facts, and `pure` the decision table alone.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

from bench.frame import say
from bench.rig import Rig, percentile, rig, rounded, spent

QUEUES = 25
WORKERS = 2
AIM, AIM_MS = 200, 2  # a second; ms of one decision
TRIES = 300
WORK = "owner_kind = 'agent'"
CHECK = f"""
SELECT (SELECT count(*) FROM conversations_conversation WHERE {WORK}),
       (SELECT count(*) FROM conversations_conversation WHERE owner_kind = 'queue'),
       (SELECT count(*) FROM (SELECT owner_id FROM conversations_conversation WHERE {WORK} GROUP BY owner_id
                              HAVING count(*) > (SELECT max(capacity) FROM handover_agent)) AS over),
       (SELECT count(*) - count(DISTINCT conversation_id) FROM conversations_conversationevent
        WHERE kind = 'owner_changed'),
       (SELECT extract(epoch FROM max(recorded_at) - min(recorded_at)) FROM conversations_conversationevent
        WHERE kind = 'owner_changed')
"""
BARE = """
CREATE TABLE bare_waiting (id bigserial PRIMARY KEY, owner bigint, epoch bigint DEFAULT 1, ranked_at timestamptz);
CREATE TABLE bare_moved (id bigserial PRIMARY KEY, waiting_id bigint, epoch bigint, body jsonb);
CREATE INDEX ON bare_waiting (ranked_at) WHERE owner IS NULL;
"""
NEXT = "SELECT id FROM bare_waiting WHERE owner IS NULL ORDER BY ranked_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
LOOK = "SELECT id, capacity FROM handover_agent WHERE id = %s"


def measure(conversations: int = 10_000, agents: int = 500) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: so many wait, and so many agents are online."""
    with rig() as running:
        say(f"{conversations} conversations wait in {QUEUES} queues, {agents} agents are online")
        url = running.environment["DATABASE_URL"]
        running.run("bench.routing", "fill", str(conversations), str(agents))
        decided = json.loads(running.run("bench.routing", "decide", str(min(TRIES, conversations))))
        before = running.cpu()
        say("two workers give them away")
        told = _drain(running)
        taken = spent(before, running.cpu())
        given, left, over, twice, seconds = _check(url)
        bare = _bare(url, conversations)
    rate = given / max(float(seconds), 0.001)
    cpu = taken["postgres"] + sum(each["cpu_s"] for each in told)
    return {
        "figure": "waiting conversations given to agents by themselves, by two workers",
        "value": round(rate, 1),
        "unit": "1/s",
        "baseline": round(bare, 1),
        "ratio": round(rate / bare, 3),
        "cpu_ms": round(cpu / max(given, 1) * 1000, 2),
        "detail": {
            "conversations": conversations, "agents": agents, "aim": AIM, "given": given, "left": left,
            "over_capacity": over, "twice": twice, "seconds": round(float(seconds), 2), "decision_aim_ms": AIM_MS,
            "cpu_s": rounded(taken, 2), **decided,
        },
    }  # fmt: skip


def _drain(running: Rig) -> list[dict[str, Any]]:
    with ThreadPoolExecutor(WORKERS) as pool:
        said = list(pool.map(lambda _: running.run("bench.routing", "drain"), range(WORKERS)))
    return [json.loads(each) for each in said]


def _check(url: str) -> tuple[Any, ...]:
    with psycopg.connect(url) as link:
        found = link.execute(CHECK).fetchone()
    assert found is not None
    return (*found[:4], found[4] or 0)


def _bare(url: str, conversations: int) -> float:
    """As many a second by two connections that lock, move and write an event."""
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(BARE)
        link.execute(
            "INSERT INTO bare_waiting (ranked_at) SELECT clock_timestamp() FROM generate_series(1, %s)", [conversations]
        )
    began = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(_move, [url] * WORKERS))
    return conversations / (time.perf_counter() - began)


def _move(url: str) -> None:
    body = json.dumps({"cause": "assign", "to": {"kind": "agent", "id": 1}})
    with psycopg.connect(url) as link:
        while True:
            with link.transaction():
                found = link.execute(NEXT).fetchone()
                if found is None:
                    return
                link.execute(LOOK, [1])
                link.execute("UPDATE bare_waiting SET owner = 1, epoch = epoch + 1 WHERE id = %s", list(found))
                link.execute("INSERT INTO bare_moved (waiting_id, epoch, body) VALUES (%s, 2, %s)", [found[0], body])


def fill(conversations: int, agents: int) -> dict[str, Any]:
    """Queues that give without asking, their agents with room for just their share, and everybody who waits."""
    from bench import waiting

    waiting.fill(conversations, agents, QUEUES)
    return {}


def decide(tries: int) -> dict[str, Any]:
    """Milliseconds of a plan with its facts, of the table alone, and of one bare look-up for comparison."""
    from bench import waiting

    waiting.as_the_worker()
    whole, pure, worked = waiting.decisions(tries)
    with psycopg.connect(waiting.url(), autocommit=True) as link:
        bare = [_timed(link) for _ in range(tries)]
    return {
        "decision_ms": round(percentile(whole, 0.5), 3),
        "decision_p95_ms": round(percentile(whole, 0.95), 3),
        "decision_cpu_ms": round(worked, 3),
        "pure_ms": round(percentile(pure, 0.5), 4),
        "bare_lookup_ms": round(percentile(bare, 0.5), 3),
    }


def _timed(link: psycopg.Connection[Any]) -> float:
    began = time.perf_counter()
    link.execute(LOOK, [1], prepare=True).fetchone()
    return (time.perf_counter() - began) * 1000


def drain() -> dict[str, Any]:
    """One worker's routing, until nobody waits or nobody has room."""
    from bench import waiting

    waiting.as_the_worker()
    began = time.process_time()
    rounds = waiting.drain()
    return {"rounds": rounds, "cpu_s": round(time.process_time() - began, 2)}


if __name__ == "__main__":
    import django

    django.setup()
    word, *numbers = sys.argv[1:]
    acts: dict[str, Any] = {"fill": fill, "decide": decide, "drain": drain}
    print(json.dumps(acts[word](*map(int, numbers))))
