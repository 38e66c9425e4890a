"""Is the story of ten days one customer's? Played line by line, and then read in the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from channels_app.sandbox.people import Person
from channels_app.sandbox.story import player, shop
from channels_app.sandbox.story.script import LINES, Line
from common import clock
from config.demo import answers
from conversations.models import ConversationEvent, JourneyRun, StepLog
from customers.models import Identity
from tests.channels_app.discord_site import go_on
from tests.stories.test_all_channels import discord, phone, site
from tests.stories.test_all_channels import shop as opened

__all__ = ["discord", "opened", "site"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)


class Played(player.Player):
    """A player who does the workers' work between two looks."""

    def _patiently(self, look: Callable[[], Any], missing: str) -> Any:
        deadline = time.monotonic() + 10
        while (found := look()) is None:
            assert time.monotonic() < deadline, missing
            go_on()
        return found


@pytest.fixture
def days() -> Iterator[Callable[[Line, Person], str]]:
    """What the shop does, with a clock of the test's own."""
    passed = timedelta()

    def does(line: Line, person: Person) -> str:
        nonlocal passed
        if line.verb != "wait":
            return shop.does(line, person)
        passed += timedelta(days=float(line.words))
        return ""

    clock.shift_by(lambda: passed)
    yield does
    clock.shift_by(timedelta)


def in_order(field: str) -> list[Any]:
    """Of everything that was said, as it was recorded."""
    return list(ConversationEvent.objects.filter(kind="message").order_by("pk").values_list(field, flat=True))


@pytest.mark.scenario("J-11")
def test_one_buyer_over_five_places_is_one_customer_with_one_timeline(
    discord: Any, opened: Any, site: str, days: Callable[[Line, Person], str]
) -> None:
    answers.seed()
    phone("whatsapp"), phone("telegram")
    story = Played(player.Story.begin(), site, shop=days)
    for number in range(len(LINES)):
        story.play(number)
    people = Identity.objects.filter(namespace__in=["phone", "telegram_user", "discord_user", "visitor"])
    assert len({row.customer.root_id for row in people.select_related("customer")}) == 1
    asked = StepLog.objects.filter(outcome="asked").values_list("run_id", "step_id")
    assert len(asked) == len(set(asked))  # nothing was asked twice
    seen = in_order("occurred_at")  # providers tell the second, and each by a clock of its own
    assert all(later - earlier > -timedelta(seconds=2) for earlier, later in pairwise(seen))
    assert JourneyRun.objects.get(version__journey__key="follow_up").end_reason == "well"
