"""How long does the first page of the inbox take on a desk with 100,000 conversations and 5 M messages?

Baseline: the thirty newest conversations of the agent's by one bare statement, in the same run.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from typing import Any

from bench.frame import say
from bench.rig import rig

WARM = 3
PLACES = ("mine", "queue-team-2", "unassigned", "team", "bot", "closed", "all", "mine?waiting=us&unread=yes")
BARE = """
SELECT id, public_id, customer_id, state, owner_kind, owner_id, waiting_on, last_message_at
FROM conversations_conversation WHERE owner_kind = 'agent' AND owner_id = %s AND state <> 'closed'
ORDER BY last_message_at DESC LIMIT 31
"""


def measure(rows: int = 100_000, messages: int = 5_000_000, tries: int = 40) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: whole pages as the server makes them, the slowest list of all."""
    with rig() as running:
        say(f"loading {rows:,} conversations and {messages:,} messages")
        running.run("bench.desk", str(rows), str(messages))
        say("opening lists")
        found = json.loads(running.run("bench.inbox", str(tries)).splitlines()[-1])
    slowest = max(found["lists"].values(), key=lambda one: float(one["p50_ms"]))
    return {
        "figure": "first page of the slowest list, server time, p50",
        "value": slowest["p50_ms"],
        "unit": "ms",
        "baseline": found["bare"]["p50_ms"],
        "ratio": round(slowest["p50_ms"] / found["bare"]["p50_ms"], 2),
        "cpu_ms": found["cpu_ms"],
        "detail": {"conversations": rows, "messages": messages, "aim_ms": 150, "aim_queries": 15, **found},
    }


def opened(tries: int) -> dict[str, Any]:
    """Each list as often, by an agent of three queues and by one who sees everything."""
    import psycopg
    from django.db import connection

    from bench.acts import spread, timed

    bare = psycopg.Connection.connect(connection.connection.info.dsn, autocommit=True, prepare_threshold=0)
    lists: dict[str, Any] = {}
    cpu, pages = 0.0, 0
    for agent in _agents():
        client = _client(agent)
        _unseal(agent)
        for place in PLACES:
            address = "/inbox/" + place.replace("?", "/?") + ("" if "?" in place else "/")
            took: list[float] = []
            began = time.process_time()
            for _ in range(tries + WARM):
                timed(took, partial(_ok, client, address))
            cpu, pages = cpu + time.process_time() - began, pages + tries + WARM
            lists[f"{agent.name}: {place}"] = {**spread(took[WARM:]), "queries": _queries(client, address)}
    quick: list[float] = []
    for _ in range(tries):
        timed(quick, lambda: bare.execute(BARE, [1]).fetchall())
    most = max(one["queries"] for one in lists.values())
    return {"lists": lists, "bare": spread(quick), "cpu_ms": round(cpu / pages * 1000, 2), "most_queries": most}


def _agents() -> list[Any]:
    from bench.desk import AGENTS
    from handover.models import Agent

    return list(Agent.objects.filter(pk__in=(1, AGENTS)).select_related("user"))


def _client(agent: Any) -> Any:
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(agent.user)
    return client


def _ok(client: Any, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response


def _unseal(agent: Any) -> None:
    """What the pages show must be readable; that is loaded, not measured."""
    from bench import desk
    from handover import listing
    from handover.inbox import lists, rows

    for view in (*lists.entries(agent), lists.everything()):
        field, is_rising = listing.order(view.filter)
        chosen = rows.with_last_message(listing.placed(listing.of(agent, view.filter)))
        newest = chosen.order_by(field if is_rising else f"-{field}")[: 2 * lists.PAGE]
        desk.unseal([getattr(row, "last_message_id", 0) or 0 for row in newest])


def _queries(client: Any, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        _ok(client, address)
    return len(seen)


if __name__ == "__main__":
    import django
    from django.conf import settings

    # No files are served here, so none need be collected.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    django.setup()
    from django.db import connection

    connection.ensure_connection()
    print(json.dumps(opened(int(sys.argv[1]))))
