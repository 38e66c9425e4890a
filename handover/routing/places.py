"""Which queue is meant, and which queues and skills may a journey name?"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Q

from handover.models import Agent, Queue, ReferrerRule, Skill


def queue_for(
    *, name: str = "", agent: str = "", skill: str = "", referrer: str = "", language: str = "", channel: str = ""
) -> Queue | None:
    """The queue that is named, or that of the agent who is; else the best one for skill, referrer and language; else
    the channel's default one.

    `channel` is a channel's key or kind, several separated by a space.
    """
    queues = list(Queue.objects.filter(is_archived=False).prefetch_related("skills").order_by("-is_default", "pk"))
    if name and (named := next((queue for queue in queues if queue.key == name), None)):
        return named
    if agent and not name and (theirs := _of_agent(agent, skill)) is not None:
        return theirs
    spoken, ways = language.lower()[:2], set(channel.split())
    fitting = [queue for queue in queues if _admits(queue, referrer, spoken, ways)]
    asked = [queue for queue in fitting if skill and suits(queue, skill)]
    if not asked:
        asked = [queue for queue in fitting if (referrer and queue.referrers) or (spoken and queue.languages)]
    if asked:
        return max(asked, key=lambda queue: _fit(queue, ways))
    here = next((queue for queue in queues if ways & set(queue.channels)), None)
    return here or next((queue for queue in queues if queue.is_default), None)


def named_agent(named: Any) -> Agent | None:
    """The agent of a login, an e-mail address or a whole name, as journeys and other systems write it."""
    if not isinstance(named, str) or not named.strip():
        return None
    text = named.strip()
    found = Agent.objects.filter(Q(user__username=text) | Q(user__email__iexact=text) | Q(name__iexact=text))
    return found.order_by("-is_active", "pk").first()


def suits(queue: Queue, skill: str) -> bool:
    """Has the queue this skill? Every queue does, if none is asked for."""
    return not skill or any(known.key == skill for known in queue.skills.all())


def knows(queue: Queue, skill: str) -> bool:
    """Does anybody who works for the queue have the skill, there now or not? Everybody does, if none is asked for."""
    working = queue.agents.filter(is_active=True, user__is_active=True)
    return not skill or working.filter(skills__key=skill).exists()


def referrer_of(*addresses: str) -> str:
    """What the first rule that matches one of these says: a page's address, or `link:<word>` of an entry link."""
    wanted = [plain for address in addresses if (plain := _plain(address))]
    if not wanted:
        return ""
    for rule in ReferrerRule.objects.order_by("rank", "pk"):
        if any(fnmatchcase(address, _plain(rule.pattern)) for address in wanted):
            return rule.referrer
    return ""


def queue_keys() -> frozenset[str]:
    """Every queue that a journey may name."""
    return frozenset(Queue.objects.values_list("key", flat=True))


def skill_keys() -> frozenset[str]:
    """Every skill that a journey may name."""
    return frozenset(Skill.objects.values_list("key", flat=True))


def queues_with_intake() -> frozenset[str]:
    """The queues that have pre-chat questions of their own."""
    return frozenset(Queue.objects.exclude(intake="").values_list("key", flat=True))


def _of_agent(named: str, skill: str) -> Queue | None:
    """The queue of an agent who is named: one with the skill that is asked for, else the first; None without any."""
    agent = named_agent(named)
    if agent is None:
        return None
    theirs = agent.queues.filter(is_archived=False).prefetch_related("skills").order_by("-is_default", "pk")
    return next((queue for queue in theirs if suits(queue, skill)), None) or next(iter(theirs), None)


def _admits(queue: Queue, referrer: str, language: str, ways: set[str]) -> bool:
    """An empty list is for everybody."""
    return (
        (not queue.referrers or referrer in queue.referrers)
        and (not queue.languages or language in queue.languages)
        and (not queue.channels or bool(ways & set(queue.channels)))
    )


def _fit(queue: Queue, ways: set[str]) -> tuple[bool, bool, bool, bool]:
    """Every list that it has let this one in: the choosier, the better; at last the default one."""
    return bool(queue.referrers), bool(queue.languages), bool(queue.channels and ways), queue.is_default


def _plain(address: str) -> str:
    """Host and path, in small letters and without `www.`; what follows a ? or # says nothing of the place."""
    if address.startswith("link:"):
        return address.lower()
    found = urlsplit(address if "//" in address else f"//{address}")
    return f"{found.netloc.lower().removeprefix('www.')}{found.path}".rstrip("/")
