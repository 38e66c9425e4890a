"""How do thousands come to wait, or to have said something? By statements; what is read of them is real."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from bench import population
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, Message
from handover.models import Queue

FIRST = 1_000_000  # ids beyond those that a test makes by itself
PERSON = f"{FIRST} + n"


def wait(queue: Queue, many: int) -> None:
    """So many customers, each with a number and a conversation that waits in the queue, the first the longest."""
    since = f"now() - ({many} - n) * interval '1 second'"
    plan = f"""'{{"rule": 14, "steps": [{{"target": "queue:{queue.pk}", "for": null}}]}}'"""
    rows = {
        "customers.Customer": {"id": PERSON, "root_id": PERSON, "kind": "'anonymous'"},
        "customers.Identity": {
            "id": PERSON,
            "customer_id": PERSON,
            "namespace": "'visitor'",
            "key": "md5('crowd' || n)",
            "proof": "'provider'",
        },
        "conversations.Conversation": {
            "id": PERSON,
            "customer_id": PERSON,
            "owner_kind": "'queue'",
            "owner_id": str(queue.pk),
            "queue_id": str(queue.pk),
            "owner_epoch": "1",
            "waiting_on": "'us'",
            **dict.fromkeys(("queued_at", "ranked_at", "last_message_at", "last_customer_at"), since),
            "routing_plan": plan,
        },
        "conversations.Session": {
            "id": PERSON,
            "conversation_id": PERSON,
            "customer_id": PERSON,
            "identity_id": PERSON,
            "channel": "'crowd'",
            "kind": "'whatsapp'",
        },
    }
    _fill(rows, many)


def speak(conversation: Conversation, many: int, *, readable: Iterable[int]) -> None:
    """So many messages of its customer instead of those that it has; these numbers can be read: `word 17`."""
    said = Message.objects.filter(session__conversation=conversation).order_by("pk")[0]
    ConversationEvent.objects.filter(conversation=conversation).delete()
    given = {"conversation_id": str(conversation.pk), "customer_id": str(said.customer_id)}
    spoken = {"customer_id": str(said.customer_id), "session_id": str(said.session_id), "author": "'customer'"}
    at = dict.fromkeys(("occurred_at", "recorded_at"), f"now() - ({many} - n) * interval '1 second'")
    event = {"seq": "n", "session_seq": "n", "kind": "'message'", "actor_kind": "'customer'", "message_id": PERSON}
    rows = {
        "conversations.Message": {"id": PERSON, **spoken, **at, "content": "'sealed'"},
        "conversations.ConversationEvent": {
            "id": PERSON,
            **given,
            "session_id": str(said.session_id),
            **event,
            **at,
        },
    }
    _fill(rows, many)
    Conversation.objects.filter(pk=conversation.pk).update(head_seq=many)
    for message in Message.objects.filter(pk__in=[FIRST + number for number in readable]):
        message.content = Text(f"word {message.pk - FIRST}").to_json()
        message.save(update_fields=["content"])


def _fill(rows: dict[str, dict[str, str]], many: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in rows:
            cursor.execute(population.insert(name, "generate_series(1, %(many)s) AS n", rows), {"many": many})
        cursor.execute("SET LOCAL session_replication_role = origin")
        # As autovacuum does by and by: it may have seen these tables when they were empty, and then no index is used.
        cursor.execute("ANALYZE conversations_conversationevent, conversations_conversation, conversations_message")
