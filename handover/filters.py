"""Which conversations does a list mean? One reading of the query string, for lists, numbers, saved views and the API.

Problem
+-- BadFilter   400 invalid_filter   `field` says which part cannot be understood
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from common.problems import Problem
from conversations import capabilities
from handover import sight
from handover.models import Agent, Queue, Tag

LONGEST = 200  # characters of a search
KEY = re.compile(r"[\w-]{1,64}")
STATES = ("open", "parked", "closed", "any")
OWNERS = ("me", "nobody", "colleagues", "bot", "external")
YES = "yes"


class BadFilter(Problem):
    code = "invalid_filter"
    title = "This filter cannot be understood."
    status = 400


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; '' asks nothing. Without a state: what is not closed."""

    state: str = ""
    owner: str = ""
    queue: str = ""  # key
    channel: str = ""  # kind (or key) of a channel over which any of it ran
    tag: str = ""  # key
    waiting: str = ""  # us, customer
    unread: str = ""  # yes
    mentions: str = ""  # yes: a note names me, and I have not looked
    sla: str = ""  # near, over
    mode: str = ""  # live, ticket
    q: str = ""  # people and words

    def to_query(self, **more: str) -> str:
        """The query string without its question mark; `more` is what else the address carries."""
        return urlencode({**self.to_json(), **{name: value for name, value in more.items() if value}})

    def to_json(self) -> dict[str, str]:
        """What is set, by name: what a saved view keeps."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}

    def over(self, base: Filter) -> Filter:
        """The base, narrowed by what is set here."""
        return replace(base, **self.to_json())

    def beyond(self, base: Filter) -> Filter:
        """What is set here and not in the base alike."""
        mine, its = self.to_json(), base.to_json()
        return Filter(**{name: value for name, value in mine.items() if its.get(name) != value})

    def __bool__(self) -> bool:
        return bool(self.to_json())


NAMES = tuple(field.name for field in fields(Filter))


def read(given: Mapping[str, Any], agent: Agent | None = None) -> Filter:
    """The filter in a query string or a saved view; other names are not ours. `BadFilter` says what is wrong.

    With `agent`, a queue must be one that they may choose and a tag must exist: at most two queries.
    """
    if not isinstance(given, Mapping):
        raise BadFilter(_("A filter has names and values, such as state and open."), field="filters")
    asked = {name: given[name] for name in NAMES if given.get(name)}
    values = {name: str(value).strip() for name, value in asked.items()}
    for name, value in values.items():
        if not isinstance(asked[name], str) or not _ALLOWED[name](value):
            raise BadFilter(_says(name, value), field=name)
    if agent is not None:
        look_up(values, lambda: queues_of(agent))
    return Filter(**values)


def queues_of(agent: Agent) -> list[Queue]:
    """The queues that an agent may choose, by title: their own, or all for a superuser."""
    if agent.user.is_superuser:
        return list(Queue.objects.filter(is_archived=False).order_by("title"))
    own = [one.queue for one in sight.memberships(agent) if not one.queue.is_archived]
    return sorted(own, key=lambda queue: queue.title)


def kinds() -> list[str]:
    """The kinds of channels that there are."""
    return [one.kind for one in capabilities.all_registered()]


def look_up(values: Mapping[str, str], queues: Callable[[], Iterable[Queue]]) -> None:
    """Raises `BadFilter` for a kind, queue or topic that is not there: somebody else's queue and none look alike."""
    if (kind := values.get("channel")) and kind not in kinds():
        raise BadFilter(_says("channel", kind), field="channel")
    if (key := values.get("queue")) and key not in {queue.key for queue in queues()}:
        raise BadFilter(_says("queue", key), field="queue")
    if (key := values.get("tag")) and not Tag.objects.filter(key=key).exists():
        raise BadFilter(_says("tag", key), field="tag")


def _says(name: str, value: str) -> str:
    if name == "q":
        return _("The search is too long, or holds no text.")
    return _("The filter knows no such value: %(value)s") % {"value": f"{name}={value[:40]}"}


def _one_of(*allowed: str) -> Callable[[str], bool]:
    return lambda value: value in allowed


def _is_key(value: str) -> bool:
    return bool(KEY.fullmatch(value))


_ALLOWED: dict[str, Callable[[str], bool]] = {
    "state": _one_of(*STATES),
    "owner": _one_of(*OWNERS),
    "queue": _is_key,
    "channel": _is_key,
    "tag": _is_key,
    "waiting": _one_of("us", "customer"),
    "unread": _one_of(YES),
    "mentions": _one_of(YES),
    "sla": _one_of("near", "over"),
    "mode": _one_of("live", "ticket"),
    "q": lambda value: len(value) <= LONGEST and "\x00" not in value,
}
