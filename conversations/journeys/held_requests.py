"""What do the questions that journeys put to other systems hold of a person, and how do they go?"""

from __future__ import annotations

from conversations.models import WebRequest
from customers.privacy import Person, Rows, moment
from customers.privacy_rows import drop

OF_MY_RUNS = "t.run_id IN (SELECT id FROM conversations_journeyrun WHERE customer_id = ANY(%s))"


def cut(person: Person) -> None:
    """Nothing more is asked about them; an answer that is on its way finds nobody."""
    mine = WebRequest.objects.filter(customer_id__in=person.members, state=WebRequest.State.PENDING)
    mine.update(state=WebRequest.State.DISCARDED)


def erase(person: Person, limit: int) -> int:
    """Drops theirs, and what was asked for their runs."""
    mine = list(person.members)
    found = drop(WebRequest, "t.customer_id = ANY(%s)", [mine], limit)
    return found or drop(WebRequest, OF_MY_RUNS, [mine], limit)


def said(person: Person) -> Rows:
    """What was asked and answered, while the words are kept."""
    rows = WebRequest.objects.filter(customer_id__in=person.members).select_related("connection").order_by("pk")
    for row in rows.iterator(500):
        yield {
            "system": row.connection.title if row.connection else "",
            "step": row.step_id,
            "asked": row.request,
            "answered": row.response,
            "status": row.status,
            "at": moment(row.created_at),
        }
