"""To whom, in which order? The decision table, row by row, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handover.routing import Facts, Plan, Preferred, QueueFacts, Standing, plan

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SALES, SUPPORT, GENERAL = QueueFacts(1, True, True), QueueFacts(2, True, True), QueueFacts(9, True, True)
GOLD = QueueFacts(7, True, True)
CLOSED, EMPTY = QueueFacts(4, False, True), QueueFacts(5, True, False)
ANA = Preferred(17, NOW - timedelta(hours=3), is_online=True, is_member=True, has_room=True)
OFFLINE, FULL = replace(ANA, is_online=False), replace(ANA, has_room=False)
OLD = replace(ANA, handled_at=NOW - timedelta(days=8))
NEW = Facts(wanted=SALES, default=GENERAL, has_skill=True)
KNOWN = replace(NEW, last_queue=SUPPORT, preferred=ANA)
BEHIND = replace(NEW, preferred=OFFLINE, last_queue=CLOSED)
VIP = replace(KNOWN, is_vip=True, vip_queue=GOLD)
NAMED = replace(KNOWN, is_explicit=True, target=replace(ANA, pk=18))
PARKED = Standing("parked", "agent", agent=ANA)
DONE = Standing("closed", agent=ANA, closed_at=NOW - timedelta(hours=2), reason="resolved")


def away(**more: float) -> Standing:
    return replace(PARKED, agent=OFFLINE, away_for=timedelta(**more))


RUNGS = {
    "1: an agent has it": (replace(KNOWN, standing=Standing("open", "agent")), 1, []),
    "1: another system has it": (replace(KNOWN, standing=Standing("open", "external")), 1, []),
    "the bot has it: routed": (replace(KNOWN, standing=Standing("open", "bot")), 8, [17, -2, -1, -9]),
    "2: parked, and its agent is there": (replace(KNOWN, standing=PARKED), 2, [17]),
    "2: parked, and its agent is full": (replace(KNOWN, standing=replace(PARKED, agent=FULL)), 2, [17]),
    "2: parked, and away for a moment": (replace(KNOWN, standing=away(minutes=9)), 2, [17]),
    "3: parked, and away for long": (replace(KNOWN, standing=away(minutes=11)), 3, [-2]),
    "not 3: nobody is there": (replace(KNOWN, last_queue=EMPTY, standing=away(minutes=11)), 15, []),
    "4: an old context": (replace(KNOWN, preferred=OLD), 13, [-1, -9]),
    "5: closed two hours ago": (replace(KNOWN, standing=DONE), 5, [17, -2, -1, -9]),
    "5: its agent is gone": (replace(KNOWN, standing=replace(DONE, agent=OFFLINE)), 5, [-2, -1, -9]),
    "5: thanks": (replace(KNOWN, standing=replace(DONE, is_thanks=True)), 5, []),
    "not 5: expired": (replace(NEW, standing=replace(DONE, reason="expired")), 13, [-1, -9]),
    "not 5: long ago": (replace(NEW, standing=replace(DONE, closed_at=NOW - timedelta(days=2))), 13, [-1, -9]),
    "6: an agent is named": (NAMED, 6, [18, -1, -9]),
    "6: who is named is offline": (replace(NAMED, target=OFFLINE), 6, [-1, -9]),
    "6: a queue is named": (replace(NAMED, target=None), 6, [-1, -9]),
    "7: a VIP": (VIP, 7, [17, -7, -2, -1, -9]),
    "7: a VIP, the agent offline": (replace(VIP, preferred=OFFLINE), 7, [-7, -2, -1, -9]),
    "7: a VIP, no queue for those": (replace(VIP, vip_queue=None, preferred=None), 7, [-1, -9]),
    "8: the agent is there": (KNOWN, 8, [17, -2, -1, -9]),
    "not 8: just declined": (replace(KNOWN, preferred=replace(ANA, has_declined=True)), 10, [-2, -1, -9]),
    "9: the agent is full": (replace(KNOWN, preferred=FULL), 9, [-2, -1, -9]),
    "9: full, and waited for": (replace(KNOWN, preferred=FULL, will_wait=True), 9, [17, -2, -1, -9]),
    "10: the agent is offline": (replace(KNOWN, preferred=OFFLINE), 10, [-2, -1, -9]),
    "10: deactivated": (replace(KNOWN, preferred=replace(ANA, is_active=False)), 10, [-2, -1, -9]),
    "11: only a queue is known": (replace(KNOWN, preferred=None, handled_at=NOW), 11, [-2, -1, -9]),
    "12: the last queue is closed": (replace(KNOWN, preferred=OFFLINE, last_queue=CLOSED), 12, [-1, -9]),
    "12: the last queue is unstaffed": (replace(KNOWN, preferred=OFFLINE, last_queue=EMPTY), 12, [-1, -9]),
    "8: behind the last queue": (replace(KNOWN, last_fallbacks=(GOLD,)), 8, [17, -2, -7, -1, -9]),
    "12: its fallback is asked": (replace(BEHIND, last_fallbacks=(GOLD,)), 12, [-7, -1, -9]),
    "12: so are its fallbacks": (
        replace(BEHIND, wanted=EMPTY, fallbacks=(SUPPORT,), last_fallbacks=(EMPTY,)),
        12,
        [-2, -9],
    ),
    "4: nor the fallbacks of an old context": (replace(BEHIND, preferred=OLD, last_fallbacks=(GOLD,)), 13, [-1, -9]),
    "13: a skill": (NEW, 13, [-1, -9]),
    "13: its queue is empty": (replace(NEW, wanted=EMPTY, fallbacks=(SUPPORT,)), 13, [-2, -9]),
    "14: nothing is known": (Facts(wanted=GENERAL, default=GENERAL), 14, [-9]),
    "15: nobody anywhere": (replace(KNOWN, wanted=EMPTY, default=EMPTY, last_queue=CLOSED), 15, []),
    "15: no queue at all": (Facts(wanted=None), 15, []),
}


def numbers(found: Plan) -> list[int]:
    """Agents as they are, queues below zero."""
    return [-target.pk if target.is_queue else target.pk for target in found.targets]


@pytest.mark.scenario("HO-31", "HO-32", "HO-33", "HO-36", "HO-58", "HO-59", "HO-60")
@pytest.mark.parametrize("name", RUNGS)
def test_each_rung(name: str) -> None:
    facts, rule, targets = RUNGS[name]
    found = plan(facts, NOW)
    assert (found.rule, numbers(found)) == (rule, targets)


@pytest.mark.scenario("HO-57")
def test_the_preferred_agent_who_is_there_comes_first_for_a_minute() -> None:
    first, second, *_, last = plan(KNOWN, NOW).targets
    assert (first.lasts, second.lasts, last.lasts) == (timedelta(seconds=60), timedelta(minutes=10), None)


@pytest.mark.scenario("HO-32")
def test_one_who_is_not_in_the_queue_is_passed_over() -> None:
    assert plan(replace(KNOWN, preferred=replace(ANA, is_member=False)), NOW).agent_id is None


@pytest.mark.parametrize("rule", [5, 6, 7, 10])
def test_the_plan_says_who_is_passed_over_for_their_no_and_only_for_that(rule: int) -> None:
    def made(agent: Preferred) -> Plan:
        done = replace(DONE, agent=agent) if rule == 5 else None
        facts = replace(KNOWN, preferred=agent, target=agent, standing=done, vip_queue=GOLD)
        return plan(replace(facts, is_explicit=rule == 6, is_vip=rule == 7), NOW)

    found = made(replace(ANA, has_declined=True))
    assert (found.rule, found.declined) == (rule, 17) and Plan.from_json(found.to_json()) == found
    assert {made(other).declined for other in (ANA, OFFLINE, replace(OFFLINE, has_declined=True))} == {None}


def test_one_who_is_full_comes_first_once_there_is_room() -> None:
    found = plan(replace(KNOWN, preferred=FULL), NOW)
    assert found.targets[0].bonus == 17
    waited = plan(replace(KNOWN, preferred=FULL, will_wait=True), NOW).targets[0]
    assert (waited.waits, waited.lasts) == (True, timedelta(seconds=120))


@pytest.mark.scenario("HO-60")
def test_a_vip_counts_as_half_an_hour_older() -> None:
    assert plan(VIP, NOW).priority == 30
    assert plan(KNOWN, NOW).priority == 0


def test_wishes_are_dropped_one_a_minute() -> None:
    wishing = replace(NEW, wishes=("skill:leather", "language:es"), staffed_wishes=2)
    found = plan(wishing, NOW).targets
    assert [target.needs for target in found] == [wishing.wishes, ("skill:leather",), (), ()]
    assert [target.lasts for target in found[:2]] == [timedelta(seconds=60)] * 2


def test_nobody_waits_for_a_wish_that_nobody_there_can_grant() -> None:
    wishing = replace(NEW, wishes=("skill:leather", "language:es"), staffed_wishes=1)
    assert [target.needs for target in plan(wishing, NOW).targets] == [("skill:leather",), (), ()]


def test_with_nobody_anywhere_there_is_no_live_queue() -> None:
    assert plan(Facts(wanted=EMPTY, default=EMPTY, preferred=ANA, last_queue=EMPTY), NOW) == Plan(15)


def test_a_plan_is_read_as_it_was_stored() -> None:
    wishing = replace(KNOWN, preferred=FULL, will_wait=True)
    for facts in (KNOWN, wishing, replace(wishing, will_wait=False), replace(NEW, wishes=("a:b",), staffed_wishes=1)):
        found = plan(facts, NOW)
        assert Plan.from_json(found.to_json()) == found
    assert Plan.from_json(None) == Plan(0)


@pytest.mark.parametrize("name", RUNGS)
def test_only_the_last_target_waits_for_ever_and_none_comes_twice(name: str) -> None:
    found = plan(RUNGS[name][0], NOW)
    lasts = [target.lasts for target in found.targets]
    assert None not in lasts[:-1]
    assert lasts[-1:] in ([], [None])
    assert len(set(numbers(found))) == len(found.targets)
