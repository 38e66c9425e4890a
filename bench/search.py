"""How long does a search of everything that was written take, with 5 M messages?

Baseline: the words alone by one bare statement, newest first and unbounded, in the same run.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from bench.frame import say
from bench.rig import percentile, rig

WARM = 8
BARE = """
SELECT kind, object_id, conversation_id FROM conversations_searchwords WHERE words @@ %s::tsquery
ORDER BY said_at DESC LIMIT 21
"""


def measure(rows: int = 100_000, messages: int = 5_000_000, tries: int = 400) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: searches as an agent's page makes them, snippets and rows included."""
    with rig() as running:
        say(f"loading {rows:,} conversations and {messages:,} messages")
        running.run("bench.desk", str(rows), str(messages))
        say("searching")
        found = json.loads(running.run("bench.search", str(tries), str(messages)).splitlines()[-1])
    ours = found["all of it"]
    return {
        "figure": "search of everything that was written, p95",
        "value": ours["p95_ms"],
        "unit": "ms",
        "baseline": found["bare"]["p95_ms"],
        "ratio": round(ours["p95_ms"] / found["bare"]["p95_ms"], 3),
        "cpu_ms": found["cpu_ms"],
        "detail": {"conversations": rows, "messages": messages, "aim_p95_ms": 150, **found},
    }


def searched(tries: int, messages: int) -> dict[str, Any]:
    """The same searches by one who sees everything, by an agent of three queues, and bare."""
    import psycopg
    from django.db import connection

    from bench import desk
    from conversations import words
    from handover.models import Agent

    bare = psycopg.Connection.connect(connection.connection.info.dsn, autocommit=True, prepare_threshold=0)
    texts = desk.searches(tries + WARM, messages)
    boss, agent = (Agent.objects.select_related("user").get(pk=pk) for pk in (desk.AGENTS, 1))
    began = time.process_time()
    found = {"all of it": _spread(_took(boss, texts)), "three queues": _spread(_took(agent, texts))}
    cpu = (time.process_time() - began) / (2 * len(texts))
    quick = []
    for text in texts:
        start = time.perf_counter()
        bare.execute(BARE, [words.wanted(text).query()]).fetchall()
        quick.append((time.perf_counter() - start) * 1000)
    return {**found, "bare": _spread(quick), "cpu_ms": round(1000 * cpu, 2)}


def _took(agent: Any, texts: list[str]) -> list[float]:
    from handover import filters
    from handover.inbox import search

    took = []
    for text in texts:
        asked = filters.read({"q": text.strip(), "state": "any"})
        _unseal(agent, asked)
        start = time.perf_counter()
        search.look(agent, asked)
        took.append((time.perf_counter() - start) * 1000)
    return took


def _unseal(agent: Any, asked: Any) -> None:
    """What is about to be shown must be readable; that is loaded, not measured."""
    from bench import desk
    from conversations import words
    from conversations.models import Conversation
    from handover import sight
    from handover.inbox import rows, search

    hits = words.find(asked=words.wanted(asked.q), among=sight.visible_to(agent), limit=search.PAGE).hits
    shown = rows.with_last_message(Conversation.objects.filter(pk__in=[hit.conversation_id for hit in hits]))
    shown = [*shown, *search.named(agent, asked)]
    desk.unseal([hit.object_id for hit in hits] + [getattr(row, "last_message_id", 0) or 0 for row in shown])


def _spread(took: list[float]) -> dict[str, float]:
    values = took[WARM:]
    return {name: round(percentile(values, share), 1) for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95))}


if __name__ == "__main__":
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    print(json.dumps(searched(*map(int, sys.argv[1:]))))
