"""What do we remember of a person beyond what was said, and how does it go? Welcomes, orders, calls of a model."""

from __future__ import annotations

from django.db.models import Model

from conversations.models import Greeting, LastEvent, Question
from customers.privacy import ORIGIN, Person, Rows, Store, moment
from customers.privacy_rows import drop

MINE = "t.customer_id = ANY(%s)"
# A question hangs on others' rows, too, if people were taken for one.
HANGING = (
    MINE,
    "t.message_id IN (SELECT id FROM conversations_message WHERE customer_id = ANY(%s))",
    "t.session_id IN (SELECT id FROM conversations_session WHERE customer_id = ANY(%s))",
    "t.run_id IN (SELECT id FROM conversations_journeyrun WHERE customer_id = ANY(%s))",
)


def stores() -> list[Store]:
    """To be erased before messages, sessions and runs."""
    own = {"customer": ORIGIN}
    return [
        Store("questions", {Question: own}, _questions, _said_questions),
        Store("greetings", {Greeting: own}, lambda person, limit: _drop(Greeting, MINE, person, limit)),
        Store(
            "last order and cart",
            {LastEvent: own},
            lambda person, limit: _drop(LastEvent, MINE, person, limit),
            _said_last_events,
        ),
    ]


def _questions(person: Person, limit: int) -> int:
    found = 0
    for condition in HANGING:
        found += _drop(Question, condition, person, limit)
        if found >= limit:
            break
    return found


def _drop(model: type[Model], condition: str, person: Person, limit: int) -> int:
    return drop(model, condition, [list(person.members)], limit)


def _said_questions(person: Person) -> Rows:
    """When the language model was asked, and what came of it: a decision by a machine is said."""
    for row in Question.objects.filter(customer_id__in=person.members).order_by("pk").iterator(500):
        yield {"asked_at": moment(row.asked_at), "model": row.model, "action": row.action, "outcome": row.outcome}


def _said_last_events(person: Person) -> Rows:
    for row in LastEvent.objects.filter(customer_id__in=person.members).order_by("pk"):
        yield {"event": row.name, "line": row.line, "occurred_at": moment(row.occurred_at)}
