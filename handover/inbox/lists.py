"""Which lists has the desk, what stands in one of them, and how many in each?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from conversations.models import Conversation
from handover import filters, listing, reads, saved_views, seeing, sight
from handover.filters import YES, Filter
from handover.inbox import rows
from handover.listing import Number
from handover.models import Agent, Mention, Note, Queue, SavedView

PAGE = 30
UNREAD = "mine unread"


@dataclass(frozen=True, slots=True)
class View:
    """One entry of the left pane; `count` is None where a number would say nothing. `group` is where it stands."""

    key: str
    title: str
    kind: str
    filter: Filter
    group: str = "desk"  # desk, queues, saved, others
    count: int | None = None
    waiting: int = 0
    unread: int = 0  # whether there is any: 0 or 1
    saved: SavedView | None = None
    is_mine_to_change: bool = False
    queue: Queue | None = None

    @property
    def waits(self) -> str:
        """How many wait, as it stands in the pill; '' for nobody."""
        return capped(self.waiting, listing.SOME) if self.waiting else ""

    @property
    def number(self) -> str:
        """As it stands beside the title."""
        return "" if self.count is None else capped(self.count, self.most)

    @property
    def most(self) -> int:
        """So far it is counted."""
        return listing.SOME if self.group == "others" else listing.MOST


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list; `more` is the cursor of the next one, '' at the end."""

    rows: Sequence[rows.Row]
    more: str


def capped(number: int, most: int) -> str:
    """What is not counted further says so."""
    return str(number) if number < most else f"{most - 1}+"


def entries(agent: Agent) -> list[View]:
    """The lists of an agent, without numbers; two queries."""
    queues = filters.queues_of(agent)
    found = [
        View("mine", _("Mine"), "mine", Filter(owner="me", state="open")),
        View("mentions", _("Mentions"), "mentions", Filter(mentions=YES, state="any")),
        View("parked", _("Parked"), "parked", Filter(owner="me", state="parked")),
    ]
    if len(queues) > 1:
        found.append(View("unassigned", _("All queues"), "queue", Filter(owner="nobody"), "queues"))
    for queue in queues:
        asked = Filter(owner="nobody", queue=queue.key)
        found.append(View(f"queue-{queue.key}", queue.title, "queue", asked, "queues", queue=queue))
    saved = list(saved_views.visible_to(agent))
    may = saved_views.changeable(agent, saved)
    found += [_saved(view, view.pk in may) for view in saved]
    found += [
        View("team", _("With colleagues"), "team", Filter(owner="colleagues"), "others"),
        View("bot", _("With the bot"), "bot", Filter(owner="bot"), "others"),
        View("closed", pgettext("conversations", "Closed"), "closed", Filter(state="closed"), "others"),
    ]
    return found


def everything() -> View:
    """What a search looks through; no entry of the left pane."""
    return View("all", _("All conversations"), "all", Filter(state="any"))


def views(agent: Agent) -> list[View]:
    """The same with their numbers; three queries. What the agent belongs to is at hand for the rest of the page."""
    sight.hold(agent)
    found, seen, asked = entries(agent), sight.visible_to(agent), {}
    for view in found:
        if view.filter.state == "closed" or view.filter.q:
            continue  # a number of these says little and costs much
        rows_of = listing.of(agent, view.filter, seen=seen)
        asked[view.key] = rows_of, view.most
        if view.kind == "mine":
            asked[UNREAD] = rows_of.filter(seeing.is_unread(agent)), 1
    numbers = listing.counts(asked)
    return [_numbered(view, numbers) for view in found]


def page(
    agent: Agent, asked: Filter, *, after: str = "", only: Q | None = None, found: QuerySet[Conversation] | None = None
) -> Page:
    """One page of a list past the cursor; `found` instead of what the filter says."""
    chosen = listing.of(agent, asked) if found is None else found
    if only is not None:
        chosen = chosen.filter(only)
    field, is_rising = listing.order(asked)
    chosen = _past(listing.placed(chosen), field, is_rising, after)
    sign = "" if is_rising else "-"
    listed = list(rows.for_reader(chosen, agent).order_by(f"{sign}{field}", f"{sign}public_id")[: PAGE + 1])
    more = _cursor(listed[PAGE - 1], field) if len(listed) > PAGE else ""
    reads.note(user_id=agent.user_id, conversations=[one.pk for one in listed[:PAGE]])
    made = rows.of(listed[:PAGE])
    return Page(_named(agent, listed, made) if asked.mentions else made, more)


def _named(agent: Agent, listed: Sequence[Conversation], made: Sequence[rows.Row]) -> list[rows.Row]:
    """The words of these rows are those of the note that names the agent, the oldest unread one; one query."""
    unseen = Mention.objects.filter(agent=agent, seen_at__isnull=True, note__conversation__in=listed)
    notes = {one.note.conversation_id: one.note for one in unseen.select_related("note").order_by("-pk")}
    return [_at(row, notes.get(c.pk)) for row, c in zip(made, listed, strict=False)]


def _at(row: rows.Row, note: Note | None) -> rows.Row:
    return replace(row, spot=str(note.public_id), preview=rows.short(note.text), author="note") if note else row


def _saved(view: SavedView, is_mine: bool) -> View:
    return View(
        f"view-{view.public_id.hex}",
        view.title,
        "saved",
        saved_views.filter_of(view),
        "saved",
        saved=view,
        is_mine_to_change=is_mine,
    )


def _numbered(view: View, numbers: Mapping[str, Number]) -> View:
    found = numbers.get(view.key)
    if found is None:
        return view
    if view.kind == "mentions":
        return replace(view, waiting=found.all)
    waiting = found.waiting if view.kind in ("mine", "queue", "saved") else 0
    unread = numbers[UNREAD].all if view.kind == "mine" else 0
    return replace(view, count=found.all, waiting=waiting, unread=unread)


def _past(found: QuerySet[Conversation], field: str, is_rising: bool, after: str) -> QuerySet[Conversation]:
    try:
        moment, public_id = datetime.fromisoformat(after.partition("_")[0]), UUID(after.partition("_")[2])
    except ValueError:
        return found
    beyond = "gt" if is_rising else "lt"
    same = {field: moment, f"public_id__{beyond}": public_id}
    return found.filter(Q(**{f"{field}__{beyond}": moment}) | Q(**same))


def _cursor(last: Conversation, field: str) -> str:
    moment: datetime = getattr(last, field)
    return f"{moment.isoformat()}_{last.public_id}"
