"""Is it forgotten in time what nobody could answer, and nothing else?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations.answers import forgetting
from conversations.models import Miss, MissAsking
from customers import policy, policy_effects
from customers.policy import Policy
from tests import factories

pytestmark = pytest.mark.django_db


def asked(question: str, *days_ago: int) -> Miss:
    miss, _ = Miss.objects.get_or_create(digest=question, language="en", defaults={"question": question})
    for days in days_ago:
        at = clock.now() - timedelta(days=days)
        MissAsking.objects.create(miss=miss, customer=factories.customer(), channel="sms", asked_at=at)
    return miss


def test_old_askings_go_and_take_a_question_along_that_nobody_asked_since() -> None:
    asked("long ago", 181, 400)
    again = asked("again and again", 200, 179)
    assert forgetting.sweep() == 3
    assert (Miss.objects.get(), again.askings.count()) == (again, 1)
    assert forgetting.sweep() == 0


def test_the_policy_says_for_how_long() -> None:
    asked("last month", 31)
    assert forgetting.sweep() == 0
    policy.change(values={"misses_days": 30}, actor="user:1")
    assert forgetting.sweep() == 1 and not Miss.objects.exists()


def test_what_another_time_would_forget_is_counted_before_and_stays() -> None:
    asked("last month", 31, 10)
    (effect,) = policy_effects.of(Policy(), policy.tried({"misses_days": 30}))
    assert (effect.setting, effect.count, MissAsking.objects.count()) == ("misses_days", 1, 2)


def test_more_than_one_batch_goes_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    asked("long ago", 181, 182, 183, 184, 185)
    assert forgetting.sweep() == 5
