"""Who works at the plant's desks, and who waits for them? Seeds agents with open sessions, and lets customers wait."""

from __future__ import annotations

import json
import sys
from typing import Any


def seed(graph: str, agents: int) -> list[dict[str, Any]]:
    """Agents of one queue that offers to whoever carries least; each speaks with somebody on WhatsApp."""
    from bench.crowd import colleague, writer
    from tests.channels_app import whatsapp
    from tests.handover.routing import cast

    whatsapp.channel(base_url=graph)
    sales = cast.queue()
    sales.strategy, sales.delivery = "least_busy", "offer"
    sales.save(update_fields=["strategy", "delivery"])
    found = []
    for number in range(agents):
        agent, cookie = colleague(number, [sales])
        phone, conversation = writer(number, agent, sales)
        found.append({"agent": agent.pk, "cookie": cookie, "phone": phone, "conversation": conversation})
    return found


def wait(count: int, delivery: str, queue: str = "sales") -> list[int]:
    """So many come to wait in the queue."""
    from handover.models import Queue
    from tests.handover.routing import cast

    Queue.objects.filter(key=queue).update(delivery=delivery)
    return [cast.waiting(Queue.objects.get(key=queue)).pk for _ in range(count)]


def ask_for_all(agent: int, conversations: list[int]) -> None:
    """The agent wants to take all of these, and left it to a worker."""
    from common import clock
    from conversations.models import Conversation
    from handover.models import BulkAction

    named = dict(Conversation.objects.filter(pk__in=conversations).values_list("pk", "public_id"))
    wanted = [str(named[pk]) for pk in conversations]
    BulkAction.objects.create(agent_id=agent, verb="assign", wanted=wanted, created_at=clock.now())


def main() -> None:
    import django

    django.setup()
    given = json.load(sys.stdin)
    actions: dict[str, Any] = {"seed": seed, "wait": wait, "ask_for_all": ask_for_all}
    print(json.dumps(actions[given.pop("do")](**given)))


if __name__ == "__main__":
    main()
