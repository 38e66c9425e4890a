"""Who waits, who works, and what has become of it?"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from conversations import threads
from conversations.models import Conversation
from handover import routing
from handover.models import Agent, Queue, Reservation, Skill
from tests import factories


def queue(key: str = "sales", **fields: Any) -> Queue:
    """A queue that offers what waits to whoever carries least, unless told otherwise."""
    return factories.queue(key, **{"strategy": "least_busy", "delivery": "offer", **fields})


def waiting(target: Queue, *steps: Any, rule: int = 8, name: str = "", **fields: Any) -> Conversation:
    """A conversation in the queue at the first step of a plan: agents and queues, each for a minute but the last."""
    found = factories.waiting_in(target, name=name or "Maya Lindqvist")
    names = [f"{'agent' if isinstance(one, Agent) else 'queue'}:{one.pk}" for one in (*steps, target)]
    names = list(dict.fromkeys(names))
    plan = [{"target": each, "for": 60} for each in names[:-1]] + [{"target": names[-1], "for": None}]
    changes = {"routing_plan": {"rule": rule, "steps": plan}, "ranked_at": found.queued_at, **fields}
    Conversation.objects.filter(pk=found.pk).update(**changes)
    found.refresh_from_db()
    return found


UNJAM = "DROP FUNCTION jam CASCADE"


def jam(key: str) -> str:
    """SQL after which nothing gets out of this queue, whoever tries: so it is until `UNJAM`."""
    return f"""
    CREATE FUNCTION jam() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.owner_id = (SELECT id FROM handover_queue WHERE key = '{key}') THEN RAISE EXCEPTION 'jammed'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER jam BEFORE UPDATE ON conversations_conversation FOR EACH ROW
    WHEN (OLD.owner_kind = 'queue') EXECUTE FUNCTION jam();
    """  # a key of the test's own


def begin(conversation: Conversation) -> None:
    """The present step, as an intake begins it."""
    with transaction.atomic():
        routing.begin(threads.lock(conversation_id=conversation.pk))


def owner(conversation: Conversation) -> tuple[str, int | None]:
    now = Conversation.objects.get(pk=conversation.pk)
    return now.owner_kind, now.owner_id


def offers(conversation: Conversation) -> list[tuple[int, str]]:
    """Agent and status, in the order they were made."""
    rows = Reservation.objects.filter(conversation=conversation).order_by("pk")
    return list(rows.values_list("agent_id", "status"))


def offer(conversation: Conversation) -> Reservation:
    """The one that is pending."""
    return Reservation.objects.get(conversation=conversation, status="pending")


def skilled(agent: Agent, *keys: str) -> Agent:
    for key in keys:
        agent.skills.add(Skill.objects.get_or_create(key=key, defaults={"title": key.title()})[0])
    return agent
