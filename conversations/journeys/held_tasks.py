"""What do jobs elsewhere hold of a person, and how does it go? Afterwards their reports get 410 and change nothing."""

from __future__ import annotations

from conversations.models import RemoteTask
from customers.privacy import Person, Rows, moment
from customers.privacy_rows import blank, drop

MINE = "t.customer_id = ANY(%s)"
ERASED = "erased"  # the reason of a task whose customer is being erased


def cut(person: Person) -> None:
    """From now on nobody listens; the other system learns it when it reports."""
    RemoteTask.objects.filter(customer_id__in=person.members).update(
        state=RemoteTask.State.CANCELLED, reason=ERASED, is_settled=True
    )


def erase(person: Person, limit: int) -> int:
    """Drops at most so many; a chain of attempts is taken apart first."""
    mine = [list(person.members)]
    blank(RemoteTask, "retry_of_id = NULL", f"{MINE} AND t.retry_of_id IS NOT NULL", mine, limit)
    return drop(RemoteTask, f"{MINE} AND t.retry_of_id IS NULL", mine, limit)


def said(person: Person) -> Rows:
    """Which jobs ran for them, and what each reported last."""
    for row in RemoteTask.objects.filter(customer_id__in=person.members).order_by("pk").iterator(200):
        yield {
            "id": str(row.public_id),
            "system": row.connection,
            "step": row.step_id,
            "state": row.state,
            "report": row.report,
            "begun_at": moment(row.created_at),
            "ended_at": moment(row.ended_at),
        }
