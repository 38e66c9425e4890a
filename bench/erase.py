"""How long does it take to erase somebody with a long history, and how soon can nobody reach them any more?

Baseline: one bare DELETE for each table of a twin with the same history, in the same run.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from bench.frame import say
from bench.rig import rig

AT = "now() - interval '1 day'"
# A twin's history: every second message is the person's and came as a webhook, the others went out by one delivery.
TOLD = f"""
INSERT INTO conversations_message (public_id, customer_id, session_id, author, kind, content, agent_name, client_id,
    external_id, reply_to, is_automatic, step_id, occurred_at, recorded_at)
SELECT gen_random_uuid(), %(customer)s, %(session)s, CASE WHEN n %% 2 = 0 THEN 'customer' ELSE 'bot' END, 'text',
    'sealed', '', '', 'wamid.' || n, '', false, '', {AT}, {AT} FROM generate_series(1, %(messages)s) n;
INSERT INTO conversations_conversationevent (conversation_id, customer_id, seq, session_id, session_seq, kind,
    message_id, actor_kind, data, source, source_event_id, occurred_at, recorded_at)
SELECT %(conversation)s, %(customer)s, 10 + row_number() OVER (ORDER BY id), %(session)s,
    10 + row_number() OVER (ORDER BY id), 'message', id, author, '{{}}',
    CASE author WHEN 'customer' THEN 'demo' ELSE '' END, CASE author WHEN 'customer' THEN id::text ELSE '' END,
    {AT}, {AT}
FROM conversations_message WHERE customer_id = %(customer)s AND content = 'sealed';
INSERT INTO conversations_delivery (public_id, message_id, customer_id, conversation_id, identity_id, channel, part,
    state, attempts, next_attempt_at, external_id, reason, provider_text, queued_at)
SELECT gen_random_uuid(), id, %(customer)s, %(conversation)s, %(identity)s, 'demo', 0, 'sent', 1, {AT}, '', '', '', {AT}
FROM conversations_message WHERE customer_id = %(customer)s AND author = 'bot' AND content = 'sealed';
INSERT INTO channels_app_attempt (delivery_id, number, started_at, outcome, reason, provider_code, provider_text)
SELECT id, 1, {AT}, 'sent', '', '', '' FROM conversations_delivery WHERE customer_id = %(customer)s;
INSERT INTO channels_app_inboundevent (public_id, channel_id, key, handle, kind, body, occurred_at, received_at, state,
    attempts, next_attempt_at, error, outcome)
SELECT gen_random_uuid(), %(channel)s, id::text, 'handle-' || %(customer)s, 'message', 'sealed', {AT}, {AT}, 'done', 0,
    {AT}, '', 'message'
FROM conversations_message WHERE customer_id = %(customer)s AND author = 'customer' AND content = 'sealed';
"""
BARE = (
    "UPDATE channels_app_inboundevent SET body = NULL WHERE handle = 'handle-' || %(customer)s",
    "DELETE FROM channels_app_attempt a USING conversations_delivery d"
    " WHERE d.id = a.delivery_id AND d.customer_id = %(customer)s",
    "DELETE FROM conversations_conversationevent WHERE customer_id = %(customer)s",
    "DELETE FROM conversations_delivery WHERE customer_id = %(customer)s",
    "DELETE FROM conversations_message WHERE customer_id = %(customer)s",
)


def measure(messages: int = 100_000) -> dict[str, Any]:
    """The figure as `bench.frame` prints it: one person with so many messages."""
    with rig() as running:
        say(f"erasing {messages:,} messages")
        found = json.loads(running.run("bench.erase", str(messages)).splitlines()[-1])
    return {
        "figure": "erasure of a person with a long history, in the background",
        "value": round(found["erased_s"], 2),
        "unit": "s",
        "baseline": round(found["bare_s"], 2),
        "ratio": round(found["erased_s"] / found["bare_s"], 2),
        "cpu_ms": round(1000 * found["python_cpu_s"], 1),
        "detail": {"messages": messages, "aim_s": 60, **found},
    }


def erased(messages: int) -> dict[str, Any]:
    """Seconds until the person cannot be reached, and until all is gone; then the twin, by bare statements."""
    from django.db import connection

    from customers import privacy_erasing
    from customers.models import Erasure

    person, twin = _story("4670000001", messages), _story("4670000002", messages)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    began, cpu = time.perf_counter(), time.process_time()
    made = privacy_erasing.erase(customer=person["origin"], actor="bench", reason="bench", request_id="bench")
    unreachable = time.perf_counter() - began
    while not privacy_erasing.go_on(made.pk):
        pass
    whole, cpu = time.perf_counter() - began, time.process_time() - cpu
    done = Erasure.objects.get(pk=made.pk)
    began = time.perf_counter()
    with connection.cursor() as cursor:
        for statement in BARE:
            cursor.execute(statement, {"customer": twin["customer"]})
    return {
        "unreachable_ms": round(1000 * unreachable, 1),
        "erased_s": whole,
        "bare_s": time.perf_counter() - began,
        "python_cpu_s": cpu,
        "rows": done.total,
        "left_messages": _left(person["customer"]),
    }


def _story(phone: str, messages: int) -> dict[str, Any]:
    """A person who has written once, and then a history by bare statements."""
    from django.db import connection, transaction

    from channels_app.models import Channel
    from common import clock
    from conversations import threads
    from conversations.content import Text
    from conversations.sessions import Place
    from conversations.threads import Heard
    from customers import identity
    from customers.handles import Handle

    channel, _ = Channel.objects.get_or_create(key="demo", defaults={"kind": "whatsapp", "title": "Demo"})
    found = identity.resolve(handles=[Handle("phone", "", phone, "provider", "Maya")], occurred_at=clock.now())
    assert found is not None
    place = Place(found.identity, channel.key, "whatsapp", (found.identity.pk,), "attested")
    with transaction.atomic():
        said = threads.receive(place=place, heard=Heard(content=Text("hi"), occurred_at=clock.now(), text="hi"))
    given = {"customer": found.origin.pk, "identity": found.identity.pk, "session": said.session.pk}
    given |= {"conversation": said.conversation.pk, "channel": channel.pk, "messages": messages}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in TOLD.split(";\n"):
            if statement.strip():
                cursor.execute(statement, given)
        cursor.execute("SET session_replication_role = DEFAULT")
    return {**given, "origin": found.origin}


def _left(customer_id: int) -> int:
    from conversations.models import Message

    return Message.objects.filter(customer_id=customer_id).count()


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(erased(int(sys.argv[1]))))
