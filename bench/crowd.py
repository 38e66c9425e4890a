"""Who has a screen open in a bench? Agents of one queue, each with a WhatsApp and a web conversation; prints them.

Everybody comes in by the product's own doors; the conversations went through the queue, so all of the team see them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

CHANNEL = "web-bench"


def main(size: int, origin: str) -> None:
    import django

    django.setup()
    from channels_app.models import Channel
    from handover.models import Queue

    web = Channel.objects.create(key=CHANNEL, kind="web", title="Bench", allowed_origins=[origin])
    sales = Queue.objects.get(key="sales")
    pairs = [_pair(number, web, sales) for number in range(size)]
    print(json.dumps({"channel": CHANNEL, "agents": [a for a, _ in pairs], "visits": [v for _, v in pairs]}))


def _pair(number: int, web: Any, queue: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An agent and the visitor whom that agent serves."""
    from channels_app import visits
    from common import clock
    from conversations.sessions import Place

    agent, cookie = colleague(number, [queue])
    phone, whatsapp = writer(number, agent, queue)
    opened = visits.open(channel=web)
    visitor = visits.endpoint(opened.visit, clock.now())
    chat = _served(agent, queue, Place(visitor, CHANNEL, "web", (visitor.pk,)))
    seen = {str(visitor.public_id): 1}
    return {"cookie": cookie, "phone": phone, "whatsapp": whatsapp, "web": chat}, {"token": opened.token, "after": seen}


def writer(number: int, agent: Any, queue: Any) -> tuple[str, str]:
    """A number that writes on WhatsApp, and the public id of its conversation with this agent."""
    from common import clock
    from conversations.sessions import Place
    from customers import identity

    phone = f"4670{9_000_000 + number}"
    handle = identity.Handle("phone", "bench", phone, "provider", "Maya Lindqvist")
    found = identity.resolve(handles=[handle], occurred_at=clock.now())
    assert found is not None
    place = Place(found.identity, "whatsapp-bench", "whatsapp", (found.identity.pk,))
    return phone, _served(agent, queue, place)


def colleague(number: int, queues: Iterable[Any]) -> tuple[Any, str]:
    """An agent of these queues with an open session; the cookie's value."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from common import clock
    from handover.models import Agent, Membership

    user = get_user_model().objects.create(username=f"agent-{number}")
    agent = Agent.objects.create(user=user, name=f"Agent {number}", last_seen_at=clock.now())
    Membership.objects.bulk_create(Membership(agent=agent, queue=queue) for queue in queues)
    browser = Client()
    browser.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return agent, f"{name}={browser.cookies[name].value}; {settings.CSRF_COOKIE_NAME}={'x' * 32}"


def _served(agent: Any, queue: Any, place: Any) -> str:
    """The public id of a conversation that waited in the queue and is this agent's now."""
    from django.db import transaction

    from common import clock
    from conversations import ownership, threads
    from conversations.content import Text
    from conversations.threads import Heard
    from handover import desk

    now = clock.now()
    with transaction.atomic():
        heard = Heard(content=Text("Hello"), occurred_at=now, text="Hello")
        conversation = threads.receive(place=place, heard=heard).conversation
        waits = {"to": conversation.Owner.QUEUE, "owner_id": queue.pk, "queue_id": queue.pk, "queued_at": now}
        ownership.move(conversation=conversation, seen_epoch=conversation.owner_epoch, cause="handover", **waits)
        desk.claim(conversation_id=conversation.pk, agent=agent)
    return str(conversation.public_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
