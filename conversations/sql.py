"""Which statements does every message run? Written out, for the ORM takes longer to build them than Postgres to run.

Each read takes the locks that its caller needs and gives the rows that a queryset would give; tests hold them together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from common import rows
from conversations.models import Conversation, Delivery, JourneyRun, Message, Session
from customers.attribute_weighing import combined
from customers.models import Customer, Identity, Observation

# A function of the database: what it reads after the lock is as of then, and a lock that came too late is let go again.
ROOT = f"SELECT {rows.columns(Customer, 'root')} FROM customer_root_locked(%s) AS root"
UNCLOSED = f"""
SELECT {rows.columns(Conversation, "c")}
FROM conversations_conversation c JOIN customers_customer origin ON origin.id = c.customer_id
WHERE origin.root_id = %s AND c.state <> 'closed'
ORDER BY c.owner_kind = 'bot', c.last_message_at DESC LIMIT 1 FOR NO KEY UPDATE OF c
"""
ALL_UNCLOSED = f"""
SELECT {rows.columns(Conversation, "c")}
FROM customers_customer origin JOIN conversations_conversation c ON c.customer_id = origin.id AND c.state <> 'closed'
WHERE origin.root_id = %s ORDER BY c.id FOR NO KEY UPDATE OF c
"""
CLOSED = f"""
SELECT {rows.columns(Conversation, "c")}
FROM conversations_conversation c JOIN customers_customer origin ON origin.id = c.customer_id
WHERE origin.root_id = %s AND c.state = 'closed' AND c.closed_at >= %s
ORDER BY c.closed_at DESC LIMIT 1 FOR NO KEY UPDATE OF c
"""
LATEST = f"""
SELECT {rows.columns(Session, "s")} FROM conversations_session s
WHERE s.identity_id = %s AND s.channel = %s ORDER BY s.id DESC LIMIT 1
"""
RUNS = f"""
SELECT {rows.columns(JourneyRun, "r")}, {rows.columns(Session, "s")}
FROM conversations_journeyrun r JOIN customers_customer origin ON origin.id = r.customer_id
JOIN conversations_session s ON s.id = r.session_id
WHERE origin.root_id = %s AND r.status IN ('active', 'waiting', 'suspended')
ORDER BY r.touched_at DESC, r.id DESC FOR NO KEY UPDATE OF r
"""
# Is there more than one of either? Most often not, and nothing has to be locked. OFFSET 0 keeps the look-ups by index.
SEVERAL = """
SELECT (
    SELECT count(*) FROM customers_customer o CROSS JOIN LATERAL (
        SELECT 1 FROM conversations_conversation c WHERE c.customer_id = o.id AND c.state <> 'closed' OFFSET 0
    ) c WHERE o.root_id = %(root)s
) > 1, (
    SELECT count(*) FROM customers_customer o CROSS JOIN LATERAL (
        SELECT 1 FROM conversations_journeyrun r
        WHERE r.customer_id = o.id AND r.status IN ('active', 'waiting', 'suspended') OFFSET 0
    ) r WHERE o.root_id = %(root)s
) > 1
"""
RUN = f"""
SELECT {rows.columns(JourneyRun, "r")}, {rows.columns(Session, "s")}, {rows.columns(Identity, "i")}
FROM conversations_journeyrun r JOIN conversations_session s ON s.id = r.session_id
JOIN customers_identity i ON i.id = s.identity_id WHERE r.id = %s
"""
KNOWN = f"""
SELECT a.key, a.words IS NOT NULL, {rows.columns(Observation, "o")}
FROM customers_attribute a JOIN customers_observation o ON o.id = ANY(coalesce(a.words, ARRAY[a.observation_id]))
WHERE a.root_id = %s AND NOT o.is_clear
"""

# What one more word changes in its conversation; the conversation's row is touched once for it and its event.
SPOKEN = {
    "customer": """, last_message_at = greatest(last_message_at, %(occurred_at)s::timestamptz), waiting_on = 'us',
        last_customer_at = greatest(last_customer_at, %(occurred_at)s::timestamptz),
        expires_at = %(expires_at)s::timestamptz""",
    "bot": ", last_message_at = %(recorded_at)s::timestamptz, expires_at = %(expires_at)s::timestamptz",
    "agent": """, last_message_at = %(recorded_at)s::timestamptz, waiting_on = 'customer',
        last_agent_at = %(recorded_at)s::timestamptz, expires_at = %(expires_at)s::timestamptz""",
}
SPOKEN["system"] = SPOKEN["bot"]
HEARD = """, last_inbound_at = %(last_inbound_at)s::timestamptz, proven = %(proven)s::bigint[],
    window_expires_at = %(window_expires_at)s::timestamptz, assurance = %(assurance)s"""

# One statement: number the event, insert it. The caller holds the conversation's row lock, so the numbers have no gaps.
APPEND = """
WITH c AS (
    UPDATE conversations_conversation SET head_seq = head_seq + 1 {spoken}
    WHERE id = %(conversation)s RETURNING head_seq
){before}
INSERT INTO conversations_conversationevent
    (conversation_id, customer_id, seq, session_id, session_seq, kind, message_id, epoch, actor_kind, actor_id, data,
     source, source_event_id, occurred_at, recorded_at)
SELECT %(conversation)s::bigint, %(customer)s::bigint, c.head_seq, %(session)s::bigint, {session_seq}, %(kind)s,
       {message}, %(epoch)s::bigint, %(actor_kind)s, %(actor_id)s::bigint, %(data)s::jsonb, %(source)s,
       %(source_event_id)s, %(occurred_at)s::timestamptz, %(recorded_at)s::timestamptz
FROM {found}
RETURNING seq, session_seq, message_id
"""
FACT = APPEND.format(spoken="", before="", session_seq="NULL::bigint", message="NULL::bigint", found="c")
SHOWN = APPEND.format(
    spoken="",
    before=", s AS (UPDATE conversations_session SET seq = seq + 1 WHERE id = %(session)s RETURNING seq)",
    session_seq="(SELECT seq FROM s)",
    message="NULL::bigint",
    found="c",
)

# The message, what has to be delivered of it, and the number in the endpoint's own stream: all in the same statement.
SAID = f""", m AS (
    INSERT INTO conversations_message ({rows.written(Message)}) SELECT {rows.places(Message, "m")} RETURNING id
), s AS (UPDATE conversations_session SET seq = seq + 1 {{heard}} WHERE id = %(session)s RETURNING seq)"""
QUEUED = f""", d AS (
    INSERT INTO conversations_delivery ({rows.written(Delivery)})
    SELECT {{delivery}} FROM m, unnest(%(parts)s::uuid[]) WITH ORDINALITY AS p(public_id, part)
)"""


def _speak(author: str) -> str:
    said = SAID.format(heard=HEARD if author == "customer" else "")
    queued = "" if author == "customer" else QUEUED.format(delivery=_delivery())
    return APPEND.format(
        spoken=SPOKEN[author], before=said + queued, session_seq="s.seq", message="m.id", found="c, m, s"
    )


def _delivery() -> str:
    """Of the parts of a message only their ids and numbers differ."""
    own = {"public_id": "p.public_id", "message_id": "m.id", "part": "p.part - 1"}
    return ", ".join(own.get(name, place) for name, place in rows.placed(Delivery, "d"))


SPEAK = {author: _speak(author) for author in SPOKEN}


def root(customer_id: int) -> Customer:
    """The root of an origin's cluster, locked; a merge or a split may have committed while it waited."""
    (found,) = rows.read(Customer, ROOT, [customer_id])
    return found


def unclosed(root_id: int) -> Conversation | None:
    """The person's conversation that is not closed, locked; a human's first, for a link may leave two."""
    return next(iter(rows.read(Conversation, UNCLOSED, [root_id])), None)


def all_unclosed(root_id: int) -> list[Conversation]:
    """Every conversation of the person that is not closed, locked in the order of their ids."""
    return rows.read(Conversation, ALL_UNCLOSED, [root_id])


def several(root_id: int) -> tuple[bool, bool]:
    """Has the person more than one conversation that is not closed, and more than one open run? Locks nothing."""
    conversations, runs = rows.fetch(SEVERAL, {"root": root_id})[0]
    return conversations, runs


def last_closed(root_id: int, since: datetime) -> Conversation | None:
    """The person's conversation that was closed last, if it was since then, locked."""
    return next(iter(rows.read(Conversation, CLOSED, [root_id, since])), None)


def latest_session(identity_id: int, channel: str) -> Session | None:
    """The endpoint's newest session, in whichever conversation."""
    return next(iter(rows.read(Session, LATEST, [identity_id, channel])), None)


def open_runs(root_id: int) -> list[JourneyRun]:
    """The person's open runs of both lanes, locked, each with its session, the last touched first."""
    found = []
    width = len(rows.shape(JourneyRun).fields)
    for values in rows.fetch(RUNS, [root_id]):
        run = rows.made(JourneyRun, values[:width])
        run.session = rows.made(Session, values[width:])
        found.append(run)
    return found


def run(run_id: int) -> JourneyRun | None:
    """One run with the session it was spoken in last and that one's address; not locked."""
    width, more = len(rows.shape(JourneyRun).fields), len(rows.shape(Session).fields)
    for values in rows.fetch(RUN, [run_id]):
        run = rows.made(JourneyRun, values[:width])
        run.session = rows.made(Session, values[width : width + more])
        run.session.identity = rows.made(Identity, values[width + more :])
        return run
    return None


def known(root_id: int, may_show: Callable[[int | None, int], bool]) -> dict[str, Any]:
    """What holds about a customer and was heard where it may be shown (the address's id, and the
    origin's); without what was cleared."""
    found: dict[str, Any] = {}
    for key, is_part, *values in rows.fetch(KNOWN, [root_id]):
        word = rows.made(Observation, values)
        if may_show(word.identity_id, word.customer_id):
            found[key] = combined([found.get(key, []), word.value]) if is_part else word.value
    return found
