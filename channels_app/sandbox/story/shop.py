"""What does the shop do in the story? Days pass, and it reports what has happened to an order."""

from __future__ import annotations

from datetime import timedelta

from channels_app.sandbox import clock as sandbox_clock
from channels_app.sandbox.people import Person
from channels_app.sandbox.story.script import Line, Unplayable
from common import clock
from customers import identity
from customers.handles import Handle
from handover import happenings


def does(line: Line, person: Person) -> str:
    """Days pass, or an event is reported; returns it in words."""
    if line.verb == "wait":
        sandbox_clock.advance(timedelta(days=float(line.words)))
        return f"{line.words} days later" if float(line.words) > 1 else "the next day"
    found = identity.resolve(handles=[Handle("phone", "", f"+{person.phone}", "provider")], occurred_at=clock.now())
    if found is None:
        raise Unplayable("The shop does not know this customer yet.")
    happenings.happened(customer=found.identity.customer, name=line.words, data={}, occurred_at=clock.now())
    return f"the shop reports: {line.words}"
