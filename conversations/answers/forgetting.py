"""For how long is it kept that somebody asked what nobody could answer? As long as the policy says."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from common import clock
from conversations.answers import held
from conversations.models import MissAsking
from customers import policy, policy_effects
from customers.policy import Policy

BATCH, ROUNDS = 500, 100  # askings of one statement, and statements of one run; the next hour has more


def ready() -> None:
    """Called once, when Django is ready: whoever changes the policy is told what it would forget."""
    policy_effects.counted_by(
        "misses_days", concerned, "times that a question found no answer are older, and are forgotten"
    )


def sweep() -> int:
    """Forgets the askings that are too old, and the questions whose last one goes with them; returns how many."""
    found = 0
    for _ in range(ROUNDS):
        due = list(_old(policy.current()).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not due:
            break
        found += MissAsking.objects.filter(pk__in=due).delete()[0]
    if found:
        held.drop_unasked()
    return found


def concerned(after: Policy) -> int:
    """How many askings would be too old under these rules."""
    return _old(after).count()


def _old(rules: Policy) -> QuerySet[MissAsking]:
    return MissAsking.objects.filter(asked_at__lt=clock.now() - timedelta(days=rules.misses_days))
