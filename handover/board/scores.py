"""What do customers say of the teams? Score and answer rate of the last 7 and 30 days, by queue and by agent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from handover.board.leads import Scope
from handover.models import Agent, Queue, Rating

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
# Index `rating_asked`.
GROUPED = """
SELECT queue_id, agent_id, count(*) FILTER (WHERE asked_at > %(week)s), count(score) FILTER (WHERE asked_at > %(week)s),
       coalesce(sum(score) FILTER (WHERE asked_at > %(week)s), 0), count(*), count(score), coalesce(sum(score), 0)
FROM handover_rating
WHERE asked_at > %(month)s AND asked_at <= %(now)s AND (%(all)s OR queue_id = ANY(%(queues)s))
GROUP BY queue_id, agent_id
"""


@dataclass(frozen=True, slots=True)
class Score:
    """How many were asked and answered, and the sum of what they gave (1 to 5)."""

    asked: int = 0
    answered: int = 0
    total: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.asked + other.asked, self.answered + other.answered, self.total + other.total)

    @property
    def mean(self) -> float | None:
        """1 to 5; None when nobody answered."""
        return self.total / self.answered if self.answered else None

    @property
    def rate(self) -> int | None:
        """Answers in percent of what was asked; None when nobody was asked."""
        return round(100 * self.answered / self.asked) if self.asked else None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One queue, one agent, or all (`kind`)."""

    kind: str
    title: str
    week: Score
    month: Score


def read(scope: Scope, now: datetime) -> list[ScoreLine]:
    """All together, then the queues, then the agents, each by title; of ratings in the queues that are led.

    Three statements; empty when nobody was asked.
    """
    given: dict[str, Any] = {
        "week": now - WEEK,
        "month": now - MONTH,
        "now": now,
        "all": scope.is_all,
        "queues": list(scope.queues),
    }
    with connection.cursor() as cursor:
        cursor.execute(GROUPED, given)
        rows = cursor.fetchall()
    if not rows:
        return []
    queues, agents = _sums((row[0], row[2:]) for row in rows), _sums((row[1], row[2:]) for row in rows)
    everything = _sums((0, row[2:]) for row in rows)[0]
    titles = dict(Queue.objects.filter(pk__in=queues).values_list("pk", "title"))
    names = dict(Agent.objects.filter(pk__in=agents).values_list("pk", "name"))
    return [
        ScoreLine("all", "", *everything),
        *sorted((ScoreLine("queue", titles[pk], *queues[pk]) for pk in titles), key=lambda line: line.title.casefold()),
        *sorted((ScoreLine("agent", names[pk], *agents[pk]) for pk in names), key=lambda line: line.title.casefold()),
    ]


def ratings(scope: Scope) -> QuerySet[Rating]:
    """What was asked in the queues that are led, the newest first; whether it was answered or not."""
    rows = Rating.objects.select_related("conversation", "queue", "agent__user", "session").order_by("-asked_at", "-pk")
    return rows if scope.is_all else rows.filter(queue_id__in=scope.queues)


def _sums(rows: Iterable[tuple[int | None, tuple[int, ...]]]) -> dict[int, tuple[Score, Score]]:
    found: dict[int, tuple[Score, Score]] = {}
    for pk, numbers in rows:
        if pk is not None:
            week, month = found.get(pk, (Score(), Score()))
            found[pk] = (week + Score(*numbers[:3]), month + Score(*numbers[3:6]))
    return found
