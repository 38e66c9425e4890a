"""Can the queues, as they are set up, serve whoever is sent to them? What cannot work is said to those who run them."""

from __future__ import annotations

from collections.abc import Mapping

from common import checkups
from common.checkups import Finding
from handover.models import Agent, Queue

REMEDY = "Open the queues in the back office."


def circle(start: int, fallbacks: Mapping[int, int | None]) -> list[int]:
    """The queues of the circle that the fall-backs of `start` run into, each once; empty if they end."""
    seen: list[int] = []
    at: int | None = start
    while at is not None and at not in seen:
        seen.append(at)
        at = fallbacks.get(at)
    return [] if at is None else seen[seen.index(at) :]


def circle_with(queue_id: int, fallback_id: int) -> str:
    """What would be wrong if this queue fell back to that one, in a sentence; '' if nothing would."""
    fallbacks = dict(Queue.objects.values_list("pk", "fallback_id")) | {queue_id: fallback_id}
    found = circle(queue_id, fallbacks)
    return _said(found, dict(Queue.objects.values_list("pk", "title"))) if found else ""


def found() -> list[str]:
    """What is wrong with the queues, a sentence each; two queries."""
    queues = list(Queue.objects.filter(is_archived=False).prefetch_related("skills").order_by("pk"))
    titles = {queue.pk: queue.title for queue in queues}
    fallbacks = {queue.pk: queue.fallback_id for queue in queues}
    circles = {frozenset(one): one for pk in reversed(titles) if (one := circle(pk, fallbacks))}
    working = Agent.objects.filter(is_active=True, user__is_active=True, skills__isnull=False)
    held = set(working.values_list("memberships__queue_id", "skills__key"))
    lacking = [(queue, skill) for queue in queues for skill in queue.skills.all() if (queue.pk, skill.key) not in held]
    return [
        *(_said(one, titles) for one in circles.values()),
        *(f"Nobody in “{queue.title}” has the skill “{skill.title}” that it is for." for queue, skill in lacking),
    ]


def register() -> None:
    """Joins `doctor`; called in `AppConfig.ready`."""
    checkups.register("queues", _checkup)


def _checkup() -> Finding:
    wrong = found()
    return Finding("WARN", " ".join(wrong), REMEDY) if wrong else Finding("OK", "every queue can serve whom it is for")


def _said(queue_ids: list[int], titles: Mapping[int, str]) -> str:
    names = " → ".join(titles.get(pk, "a queue") for pk in (*queue_ids, queue_ids[0]))
    return f"The fall-backs go in a circle: {names}. Whoever is passed on there ends at the default queue."
