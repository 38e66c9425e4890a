"""Who must look again? Hints to every process, published on commit and never the only copy of anything.

A hint names a stream (`conversation:<id>`, `endpoint:<identity id>:<channel key>`), a desk row (`desk:<conversation
id>`), a person (`person:<customer id>`) or a queue that has work (`wake:outbox`). It carries ids only: readers fetch
what they may see from Postgres. A lost hint costs the time until the next poll; so a publish that Redis does not take
within its time-out is dropped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

RETRY_AFTER = 2.0  # seconds without trying, after Redis failed to answer

_client: redis.Redis | None = None
_silent_until = 0.0


def hint(*names: str) -> None:
    """Publishes the names after the present transaction has committed; at once when there is none."""
    connection = transaction.get_connection()
    for _, waiting, _ in connection.run_on_commit:
        if isinstance(waiting, _Flush):
            waiting.names.update(dict.fromkeys(names))
            return
    transaction.on_commit(_Flush(names))


def conversation_stream(conversation_id: int) -> str:
    return f"conversation:{conversation_id}"


def endpoint_stream(identity_id: int, channel: str) -> str:
    return f"endpoint:{identity_id}:{channel}"


def tell(topic: str, data: dict[str, Any]) -> None:
    """Publishes something that is worth nothing a moment later (typing, viewing); not tied to a transaction."""
    _publish({"topic": topic, "data": data})


class _Flush:
    """One publish per commit, whatever the number of hints, in the order of the work."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = dict.fromkeys(names)

    def __call__(self) -> None:
        _publish({"names": list(self.names)})


def _publish(payload: dict[str, Any]) -> None:
    global _client, _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        if _client is None:
            _client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2)
        _send(_client.connection_pool, json.dumps(payload))
    except redis.RedisError:
        _silent_until = time.monotonic() + RETRY_AFTER


def _send(pool: redis.ConnectionPool, text: str) -> None:
    """As the client would, in a third of the time: it measures, tries again and parses options around every command."""
    line: Any = pool.get_connection()
    try:
        line.send_command("PUBLISH", settings.HUB_CHANNEL, text)
        line.read_response()
    except redis.RedisError:
        line.disconnect()  # an answer that comes late is not the next one's
        raise
    finally:
        pool.release(line)
