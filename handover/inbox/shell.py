"""What stands around the panes of every page of the desk? The agent, their menu, what is offered, what scripts say."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from handover.inbox import desk_settings, offers, phrases, staff
from handover.inbox.forms import LONGEST
from handover.models import Agent


def context(agent: Agent) -> dict[str, Any]:
    """For the whole page; a fragment needs none of it."""
    return {
        "agent": agent,
        "me": f"agent:{staff.ref(agent.pk)}",
        "statuses": [(value, _(title)) for value, title in Agent.Status.choices],
        "longest": LONGEST,
        "say": phrases.sayings(),
        "corner": offers.corner(agent),
        **desk_settings.shell(agent),
    }
