"""How does the back office's page of a person show what was said? As lines of text over all channels."""

from __future__ import annotations

from datetime import datetime

from conversations import content, timeline
from conversations.timeline import Cursor
from customers import pages_words
from customers.models import Customer, Identity
from customers.pages_said import Line, Lines


def page(person: Customer, before: str, limit: int) -> Lines:
    """A page of the timeline; a cursor that nobody gave out begins anew. Two queries."""
    found = timeline.page(person, before=_cursor(before), limit=limit)
    homes = Identity.objects.in_bulk({row.session.identity_id for row in found.messages})
    lines = []
    for row in found.messages:
        home = homes[row.session.identity_id]
        who = row.agent_name or row.get_author_display().lower()
        text = content.from_json(row.content).plain_text()[:2000]
        lines.append(Line(row.occurred_at, who, row.session.channel, pages_words.address(home), text))
    after = found.following
    return lines, f"{after.occurred_at.isoformat()}~{after.message_id}" if after else ""


def _cursor(text: str) -> Cursor | None:
    at, _, number = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return Cursor(moment, int(number)) if moment.tzinfo else None
    except ValueError:
        return None
