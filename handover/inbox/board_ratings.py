"""What did customers say of the led teams, as a file? Every rating that was asked for, as CSV; noted in the audit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from common import clock
from customers import audit
from customers.mapping_cells import neutral
from handover.board import leads, scores
from handover.inbox.board import DAYS
from handover.inbox.leaders import for_leaders
from handover.models import Agent, Rating

COLUMNS = ("asked_at", "answered_at", "score", "comment", "queue", "agent", "channel", "conversation")


@require_safe
@for_leaders
def ratings(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Every rating that was asked for in the led queues, as CSV with the customers' words; noted in the audit."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in DAYS else 30
    since = clock.now() - timedelta(days=days)
    found = scores.ratings(leads.of(agent)).filter(asked_at__gt=since)
    audit.record(actor=f"user:{agent.user_id}", action="ratings.export", rows=found.count())
    answer = StreamingHttpResponse(_lines(found.iterator(chunk_size=500)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="ratings-{days}-days.csv"'
    return answer


def _lines(found: Iterator[Rating]) -> Iterator[str]:
    yield _line(COLUMNS)
    for one in found:
        yield _line(
            (
                one.asked_at.isoformat(),
                one.answered_at.isoformat() if one.answered_at else "",
                "" if one.score is None else str(one.score),
                neutral(one.comment),
                neutral(one.queue.title if one.queue else ""),
                neutral(one.agent.name if one.agent else ""),
                one.session.channel,
                str(one.conversation.public_id),
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
