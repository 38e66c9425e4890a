"""How is a filter chosen and shown? Its menu, what is set as chips that can be taken away, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from handover import filters
from handover.filters import YES, Filter
from handover.inbox.lists import View
from handover.models import Queue, Tag
from handover.templatetags.inbox import channel_name

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Control:
    """One choice of the menu."""

    name: str
    title: str
    options: Options
    chosen: str


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that is set beyond what the view means; `href` leads to the list without it."""

    text: str
    href: str


def menu(asked: Filter, queues: Sequence[Queue]) -> list[Control]:
    """The choices, with what holds now."""
    return [Control(name, title, options, getattr(asked, name)) for name, title, options in _choices(queues) if options]


def chips(view: View, set_here: Filter, controls: Sequence[Control]) -> list[Chip]:
    """One for each thing that the address adds to the view."""
    titles = {
        (control.name, value): f"{control.title}: {title}" for control in controls for value, title in control.options
    }
    found = []
    for name, value in set_here.to_json().items():
        text = f"“{value}”" if name == "q" else titles.get((name, value), value)
        found.append(Chip(text, address(view, replace(set_here, **{name: ""}))))
    return found


def address(view: View, set_here: Filter, **more: str) -> str:
    """Where the list with this filter is."""
    query = set_here.to_query(**more)
    return reverse("inbox:view", args=[view.key]) + (f"?{query}" if query else "")


def _choices(queues: Sequence[Queue]) -> list[tuple[str, str, Options]]:
    tags = Tag.objects.filter(is_archived=False).order_by("title").values_list("key", "title")
    states = [
        ("open", pgettext("conversations", "Open")),
        ("parked", _("Parked")),
        ("closed", pgettext("conversations", "Closed")),
        ("any", _("In any state")),
    ]
    owners = [
        ("me", _("Mine")),
        ("nobody", _("Nobody's yet")),
        ("colleagues", _("With colleagues")),
        ("bot", _("With the bot")),
        ("external", _("With another system")),
    ]
    return [
        ("state", _("State"), states),
        ("owner", _("Owner"), owners),
        ("queue", _("Queue"), [(queue.key, queue.title) for queue in queues]),
        ("channel", _("Channel"), [(kind, channel_name(kind)) for kind in filters.kinds()]),
        ("tag", _("Topic"), list(tags)),
        ("waiting", _("Waiting for"), [("us", _("Us")), ("customer", _("The customer"))]),
        ("sla", _("Promise"), [("near", _("Nearly due")), ("over", _("Overdue"))]),
        ("mode", _("Kind"), [("live", _("Live")), ("ticket", _("Message left"))]),
        ("unread", _("Read"), [(YES, _("Unread only"))]),
    ]
