"""Does the back office keep only promises that can be kept?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from common import clock
from handover.models import SlaClock, SlaPolicy
from handover.timing import sla
from tests import factories as make
from tests.admin import office

pytestmark = pytest.mark.django_db

GOOD = {"title": "Fast", "first_minutes": 15, "warn_percent": 80, "breach_priority": 30}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first_minutes": ""}, "Nothing is promised: fill in the minutes of one at least."),
        ({"first_minutes": 0}, "From 1 minute to a year (527040)"),
        ({"next_minutes": 2147483647}, "From 1 minute to a year (527040)"),
        ({"warn_percent": 0}, "From 1 to 100 percent of the time."),
        ({"warn_percent": 150}, "From 1 to 100 percent of the time."),
        ({"resolution_minutes": 14}, "The end cannot be promised before the first answer."),
    ],
)
def test_a_promise_that_cannot_be_is_refused(boss: Client, given: dict[str, object], said: str) -> None:
    answer = boss.post(office.page(SlaPolicy, "add"), GOOD | given)
    assert said in answer.content.decode() and not SlaPolicy.objects.exists()
    assert boss.post(office.page(SlaPolicy, "add"), GOOD | {"resolution_minutes": 15}).status_code == 302


def test_an_endless_promise_of_before_can_stand_still_and_go_on() -> None:
    endless = SlaPolicy.objects.create(title="Endless", first_minutes=2147483647)
    waits = make.waiting_in(queue := make.queue("sales", sla=endless))
    sla.begin(waits, sla.Kind.FIRST, queue)
    sla.pause(waits)
    sla.resume(waits)
    due = SlaClock.objects.get(conversation=waits).due_at
    assert due is not None and due - clock.now() > timedelta(days=365)
