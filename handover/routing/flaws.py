"""Can the queues, as they are set up, serve whoever is sent to them? What cannot work is said to those who run them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from common import checkups
from common.checkups import Finding
from conversations import capabilities
from conversations.journeys import publishing
from conversations.models import Conversation
from handover import hours
from handover.models import Agent, Queue
from handover.routing.targets import Plan

NO_DEFAULT = (
    "No queue in use is the default one: whoever asks for a person, and for no skill, hears that nobody was reached. "
    "Tick “is default” at one."
)
REMEDY = "Open the queues in the back office."
LANGUAGE = re.compile(r"[a-z]{2}")
JOURNEYS = {"intake": "pre-chat journey", "quiet_journey": "journey for silence"}  # of a queue, by its field

_channels: list[Callable[[], Collection[str]]] = []


def know_channels(keys: Callable[[], Collection[str]]) -> None:
    """Lets an app above say which channels there are; called in `AppConfig.ready`."""
    _channels[:] = [keys]


def unknown_channels(named: Iterable[str]) -> list[str]:
    """Those that are neither a channel's key nor a kind of channel."""
    kinds = {one.kind for one in capabilities.all_registered()}
    if not (others := [name for name in named if name not in kinds]):
        return []
    known = kinds.union(*(keys() for keys in _channels))
    return [name for name in others if name not in known]


def is_language(code: str) -> bool:
    """Is it written as languages are compared: two small letters?"""
    return bool(LANGUAGE.fullmatch(code))


def is_live(journey: str) -> bool:
    """Is there a published journey of this key that may begin?"""
    return journey in publishing.live()


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
    """What is wrong with the queues, a sentence each; as many queries, however many queues."""
    rows = Queue.objects.filter(is_archived=False).select_related("hours").prefetch_related("skills")
    queues = list(rows.order_by("pk"))
    titles = {queue.pk: queue.title for queue in queues}
    fallbacks = {queue.pk: queue.fallback_id for queue in queues}
    circles = {frozenset(one): one for pk in reversed(titles) if (one := circle(pk, fallbacks))}
    working = Agent.objects.filter(is_active=True, user__is_active=True, skills__isnull=False)
    held = set(working.values_list("memberships__queue_id", "skills__key"))
    lacking = [(queue, skill) for queue in queues for skill in queue.skills.all() if (queue.pk, skill.key) not in held]
    unread = _unread_plans(titles)
    nowhere = unknown_channels({name for queue in queues for name in queue.channels})
    return [
        *([NO_DEFAULT] if queues and not any(queue.is_default for queue in queues) else ()),
        *(_said(one, titles) for one in circles.values()),
        *(f"Nobody in “{queue.title}” has the skill “{skill.title}” that it is for." for queue, skill in lacking),
        *(said for queue in queues for said in _misnamed(queue, nowhere)),
        *unread,
    ]


def register() -> None:
    """Joins `doctor`; called when the app is ready."""
    checkups.register("queues", _checkup)


def _checkup() -> Finding:
    wrong = found()
    return Finding("WARN", " ".join(wrong), REMEDY) if wrong else Finding("OK", "every queue can serve whom it is for")


def _unread_plans(titles: Mapping[int, str]) -> list[str]:
    """Where somebody waits with a plan that cannot be read, a sentence for each queue; one query."""
    waiting = Conversation.objects.queued().filter(routing_plan__isnull=False).order_by("pk")
    found: dict[int, list[str]] = {}
    for queue_id, public_id, wire in waiting.values_list("owner_id", "public_id", "routing_plan").iterator():
        if Plan.from_json(wire).is_broken:
            found.setdefault(queue_id or 0, []).append(str(public_id))
    return [
        f"The plans of {len(those)} in “{titles.get(pk, 'a queue')}” cannot be read, that of conversation {those[0]} "
        "among them: whoever is there next has them, and a transfer makes a new plan."
        for pk, those in found.items()
    ]


def _misnamed(queue: Queue, nowhere: Collection[str]) -> Iterator[str]:
    """What it names that cannot be read or is not there (any more), and what comes of that."""
    if queue.hours is not None and (wrong := hours.flaw(queue.hours)):
        yield f"The hours “{queue.hours}” cannot be read ({wrong}): “{queue.title}” counts as always there."
    elif queue.hours is not None and not hours.has_shifts(queue.hours.weekly):
        yield f"The hours “{queue.hours}” have no shift: “{queue.title}” is never open."
    for name, called in JOURNEYS.items():
        if (key := getattr(queue, name)) and not is_live(key):
            after = " Whoever asks for a person there is told that nobody was reached." if name == "intake" else ""
            yield f"The {called} “{key}” of “{queue.title}” is not published.{after}"
    for key in (name for name in queue.channels if name in nowhere):
        yield f"“{queue.title}” is for “{key}”, which is neither a channel nor a kind of channel."
    for code in queue.languages:
        if not is_language(code):
            yield f"“{queue.title}” is for the language “{code}”, which nobody speaks: write two small letters."


def _said(queue_ids: list[int], titles: Mapping[int, str]) -> str:
    names = " → ".join(titles.get(pk, "a queue") for pk in (*queue_ids, queue_ids[0]))
    return f"The fall-backs go in a circle: {names}. Whoever is passed on there ends at the default queue."
