"""How is a connection to another system looked after? It is tried, given another chance, switched on and off."""

from __future__ import annotations

from uuid import uuid4

from common import clock
from conversations.journeys import breaker, calls
from conversations.journeys.calls import Outcome
from conversations.journeys.effects import Request
from conversations.models import Connection, ConnectionState
from customers import audit

WORDS = {
    "timeout": "It did not answer in time.",
    "refused": "It was not called.",
    "unanswered": "Nobody answered there.",
    "too_large": "It answered with more than is read.",
    "not_json": "It answered, but not with JSON.",
}


def test(*, connection: Connection, actor: str) -> tuple[bool, str]:
    """Calls the health path once, also of one that is switched off; (is it well, what happened in words).

    Kept as its last test; a good answer closes the breaker. Not inside a transaction.
    """
    tried = Connection.objects.get(pk=connection.pk)
    tried.is_enabled, tried.methods = True, ["GET"]
    outcome = calls.make(tried, Request(tried.key, "GET", tried.health_path or "/"), key=f"test:{uuid4().hex}")
    is_well = not outcome.error and outcome.status < 400
    said = told(outcome)
    if is_well:
        breaker.reset(connection=connection)
    ConnectionState.objects.update_or_create(
        connection=connection, defaults={"tested_at": clock.now(), "test_result": said[:200]}
    )
    audit.record(actor=actor, action="connection.test", object_id=str(connection.public_id), reason=said[:200])
    return is_well, said


def told(outcome: Outcome) -> str:
    """What came of a call, in words; never an address or a value."""
    if outcome.error:
        why = f" {outcome.reason[:1].upper()}{outcome.reason[1:]}." if outcome.reason else ""
        return f"{WORDS.get(outcome.error, 'It was not called.')}{why} ({outcome.milliseconds} ms)"
    sign = "It is well" if outcome.status < 400 else "It answered, but refused"
    return f"{sign}: status {outcome.status} in {outcome.milliseconds} ms."


def close_breaker(*, connection: Connection, actor: str) -> None:
    """The next call goes, whatever was before."""
    breaker.reset(connection=connection)
    audit.record(actor=actor, action="connection.reset", object_id=str(connection.public_id))


def switch(*, connection: Connection, is_enabled: bool, actor: str) -> None:
    """On or off at once; who asks a system that is off takes the step's `on.error`."""
    connection.is_enabled = is_enabled
    connection.save(update_fields=["is_enabled", "updated_at"])
    said = "on" if is_enabled else "off"
    audit.record(actor=actor, action="connection.switch", object_id=str(connection.public_id), reason=said)
