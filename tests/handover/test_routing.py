"""To whom, in which order? The decision table, row by row, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handover.routing import Facts, Plan, Preferred, QueueFacts, plan

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SALES, SUPPORT, GENERAL = QueueFacts(1, True, True), QueueFacts(2, True, True), QueueFacts(9, True, True)
ANA = Preferred(17, NOW - timedelta(hours=3), is_online=True, is_member=True, has_room=True)
KNOWN = Facts(wanted=SALES, default=GENERAL, last_queue=SUPPORT, preferred=ANA, has_skill=True)


def targets(found: Plan) -> list[str]:
    return [target.name for target in found.targets]


@pytest.mark.scenario("HO-57")
def test_the_preferred_agent_who_is_there_comes_first_for_a_minute() -> None:
    found = plan(KNOWN, NOW)
    assert (found.rule, found.agent_id, found.queue_id) == (8, 17, 1)
    assert found.targets[0].lasts == timedelta(seconds=60)
    assert targets(found) == ["agent:17", "queue:1", "queue:2", "queue:9"]


@pytest.mark.scenario("HO-31")
@pytest.mark.scenario("HO-58")
def test_one_who_is_offline_is_passed_over() -> None:
    found = plan(replace(KNOWN, preferred=replace(ANA, is_online=False)), NOW)
    assert (found.rule, found.agent_id) == (10, None)


@pytest.mark.scenario("HO-32")
def test_one_who_is_not_in_the_queue_is_passed_over() -> None:
    assert plan(replace(KNOWN, preferred=replace(ANA, is_member=False)), NOW).agent_id is None


def test_one_who_is_full_is_passed_over() -> None:
    found = plan(replace(KNOWN, preferred=replace(ANA, has_room=False)), NOW)
    assert (found.rule, found.agent_id) == (9, None)


@pytest.mark.scenario("HO-36")
def test_after_eight_days_nobody_is_preferred() -> None:
    found = plan(replace(KNOWN, preferred=replace(ANA, handled_at=NOW - timedelta(days=8))), NOW)
    assert (found.rule, targets(found)) == (13, ["queue:1", "queue:9"])


@pytest.mark.scenario("HO-59")
def test_a_closed_last_queue_is_passed_over() -> None:
    away = replace(KNOWN, preferred=replace(ANA, is_online=False), last_queue=replace(SUPPORT, is_open=False))
    found = plan(away, NOW)
    assert (found.rule, targets(found)) == (12, ["queue:1", "queue:9"])


def test_a_new_customer_goes_to_the_queue_of_the_skill_then_to_the_default_one() -> None:
    assert targets(plan(Facts(wanted=SALES, default=GENERAL, has_skill=True), NOW)) == ["queue:1", "queue:9"]
    assert plan(Facts(wanted=GENERAL, default=GENERAL), NOW).rule == 14


def test_an_unstaffed_queue_gives_way_to_its_fallback() -> None:
    found = plan(Facts(wanted=replace(SALES, is_staffed=False), fallbacks=(SUPPORT,), has_skill=True), NOW)
    assert targets(found) == ["queue:2"]


def test_with_nobody_anywhere_there_is_no_live_queue() -> None:
    away = replace(SALES, is_staffed=False)
    assert plan(Facts(wanted=away, default=away, preferred=ANA, last_queue=away), NOW) == Plan(15)


def test_only_the_last_target_waits_for_ever() -> None:
    lasts = [target.lasts for target in plan(KNOWN, NOW).targets]
    assert None not in lasts[:-1]
    assert lasts[-1] is None
