"""Who waits for whom? A desk for `bench.routing`: queues, agents online, conversations; and its work on it."""

from __future__ import annotations

import os
import time
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import connection

from channels_app import work
from common import clock
from conversations.models import Conversation, Session
from customers.models import Customer, Identity
from handover import presence, routing
from handover.models import Affinity, Agent, Membership, Queue
from handover.routing import dispatch

AT_ONCE = 1000


def url() -> str:
    return os.environ["DATABASE_URL"]


def fill(conversations: int, agents: int, queues: int) -> None:
    """Each agent has room for just their share of what waits in their queue."""
    teams = [
        Queue.objects.create(
            key=f"team-{number}", title=f"Team {number}", strategy="least_busy", delivery="auto", is_default=number == 0
        )
        for number in range(queues)
    ]
    now = clock.now()
    logins = User.objects.bulk_create([User(username=f"agent-{number}") for number in range(agents)])
    staff = Agent.objects.bulk_create(
        Agent(user=user, name=f"Agent {user.pk}", last_seen_at=now, capacity=-(-conversations // agents))
        for user in logins
    )
    Membership.objects.bulk_create(
        Membership(agent=agent, queue=teams[number % queues]) for number, agent in enumerate(staff)
    )
    for start in range(0, conversations, AT_ONCE):
        _wait(range(start, min(start + AT_ONCE, conversations)), teams, staff)


def _wait(numbers: range, teams: list[Queue], staff: list[Agent]) -> None:
    now = clock.now()
    people = Customer.objects.bulk_create([Customer(kind=Customer.Kind.ANONYMOUS) for _ in numbers])
    for person in people:
        person.root = person
    Customer.objects.bulk_update(people, ["root"])
    addresses = Identity.objects.bulk_create(
        Identity(
            customer=person, namespace="visitor", scope="bench", key=f"bench-{person.pk}", raw=f"bench-{person.pk}",
            proof="provider", routable=True, valid_from=now,
        )
        for person in people
    )  # fmt: skip
    rows = []
    for number, person in zip(numbers, people, strict=True):
        team, since = teams[number % len(teams)], now - timedelta(seconds=len(numbers) + number)
        steps = [{"target": f"queue:{team.pk}", "for": None}]
        rows.append(
            Conversation(
                customer=person, owner_kind="queue", owner_id=team.pk, queue_id=team.pk, owner_epoch=1,
                opened_at=since, queued_at=since, ranked_at=since, last_message_at=since, last_customer_at=since,
                routing_plan={"rule": 14, "steps": steps},
            )
        )  # fmt: skip
    made = Conversation.objects.bulk_create(rows)
    Session.objects.bulk_create(
        Session(
            conversation=row, customer_id=row.customer_id, identity=address, channel="bench", kind="whatsapp",
            opened_at=row.opened_at, last_inbound_at=row.opened_at,
        )
        for row, address in zip(made, addresses, strict=True)
    )  # fmt: skip
    Affinity.objects.bulk_create(
        Affinity(customer=row.customer, agent=staff[row.pk % len(staff)], queue_id=row.queue_id, handled_at=now)
        for row in made
    )


def as_the_worker() -> None:
    """This process's statements are planned once, as those of the worker are, who routes."""
    work.plan_once(connection=connection)


def decisions(tries: int) -> tuple[list[float], list[float], float]:
    """Milliseconds of a decision with its facts, and of the decision alone; and of processor time for one, without
    Postgres. The first ones warm up."""
    whole: list[float] = []
    pure: list[float] = []
    rows = list(Conversation.objects.select_related("customer").order_by("pk")[:tries])
    queues = Queue.objects.in_bulk()
    Agent.objects.update(last_seen_at=clock.now())
    worked = time.process_time()
    for row in rows[:20] + rows:
        began = time.perf_counter()
        facts = routing.facts_for(conversation=row, root=row.customer, queue=queues[row.queue_id or 0], skill="")
        read = time.perf_counter()
        routing.plan(facts, clock.now())
        done = time.perf_counter()
        whole.append((done - began) * 1000)
        pure.append((done - read) * 1000)
    worked = (time.process_time() - worked) * 1000 / len(whole)
    return whole[20:], pure[20:], worked


def drain() -> int:
    """Rounds until nobody waits or nobody has room."""
    rounds, idle, beat = 0, 0, 0.0
    while idle < 3:
        if time.monotonic() - beat > presence.WRITE_EVERY.total_seconds():
            beat = time.monotonic()
            Agent.objects.update(last_seen_at=clock.now())
        rounds += 1
        idle = 0 if dispatch.run() else idle + 1
    return rounds
