"""What stands around the panes of every page of the desk? The agent, their menu, what is offered, what scripts say."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from handover.inbox import desk_settings, offers, phrases, staff
from handover.inbox.forms import LONGEST
from handover.models import Agent


def context(agent: Agent) -> dict[str, Any]:
    """For the whole page; a fragment needs none of it."""
    return {**around(agent), "corner": offers.corner(agent)}


def around(agent: Agent) -> dict[str, Any]:
    """The same without what is offered, for a page that asks for it by script; no query."""
    return {
        "agent": agent,
        "me": me(agent),
        "statuses": statuses(),
        "longest": LONGEST,
        "say": phrases.sayings(),
        **desk_settings.shell(agent),
    }


def me(agent: Agent) -> str:
    """Whose page it is, as scripts compare it."""
    return f"agent:{staff.ref(agent.pk)}"


def statuses() -> list[tuple[str, str]]:
    """What an agent may say of themselves, in the reader's words."""
    return [(value, _(title)) for value, title in Agent.Status.choices]
