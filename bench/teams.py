"""Who has a screen open in `bench.fanout`? Agents in one or two of many queues, each with a WhatsApp conversation.

Prints who may see which conversation: of the queue that it came through, and whoever has it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench.crowd import colleague, writer

STEP = 7  # from an agent's first queue to the second one, which every other agent has


def main(agents: int, queues: int) -> None:
    import django

    django.setup()
    from handover.models import Membership, Queue

    teams = [Queue.objects.create(key=f"team-{number}", title=f"Team {number}") for number in range(queues)]
    people = [_person(number, teams) for number in range(agents)]
    members: dict[int, list[int]] = {}
    at = {person.pop("agent"): number for number, person in enumerate(people)}
    for queue_id, agent_id in Membership.objects.values_list("queue_id", "agent_id"):
        if agent_id in at:
            members.setdefault(queue_id, []).append(at[agent_id])
    for person in people:
        person["seen_by"] = sorted(members[person.pop("queue")])
    print(json.dumps({"agents": people}))


def _person(number: int, teams: list[Any]) -> dict[str, Any]:
    first, second = teams[number % len(teams)], teams[(number + STEP) % len(teams)]
    agent, cookie = colleague(number, {first, second} if number % 2 else [first])
    phone, conversation = writer(number, agent, first)
    return {"agent": agent.pk, "queue": first.pk, "cookie": cookie, "phone": phone, "conversation": conversation}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
