"""To whom, in which order, for how long? The decision table over facts that were read before: pure.

The number of a rule is that of the table in the design's handover page, section 4. The first that matches decides.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from handover import limits
from handover.routing.facts import Facts, Preferred, QueueFacts, Standing
from handover.routing.targets import Plan, Target

STAYS_CLOSED, KEPT = "stays_closed", "kept"
BY_PREFERENCE = (8, 9, 10)  # rules that say something of the agent who is preferred


def plan(facts: Facts, now: datetime) -> Plan:
    """The first matching rule; targets that cannot take anything are passed over, and none left is rule 15."""
    if facts.standing is not None and (settled := _continued(facts, facts.standing, now)):
        return settled
    if facts.is_explicit:
        return _explicit(facts)
    known = facts.preferred if facts.preferred and is_fresh(facts.preferred.handled_at, now) else None
    at = facts.handled_at or (known.handled_at if known else None)
    last = facts.last if is_fresh(at, now) else ()
    if facts.is_vip:
        return _made(facts, 7, [*_first(known), *_queues(facts.vip_queue, *last, *facts.rest)], known)
    if known is not None or any(last):
        return _returning(facts if any(last) else replace(facts, last_queue=None, last_fallbacks=()), known)
    if facts.has_skill:
        return _made(facts, 13, _queues(facts.wanted, *facts.rest))
    return _made(facts, 14, _queues(facts.wanted, *facts.rest))


def is_fresh(at: datetime | None, now: datetime) -> bool:
    """Rule 4: what is older than a week, or about something else, gives no preference."""
    return at is not None and now - at <= limits.lasts("STALE_AFTER")


def _continued(facts: Facts, standing: Standing, now: datetime) -> Plan | None:
    """Rules 1 to 3 and 5: a message comes into a conversation that somebody has, has parked, or has closed."""
    agent = standing.agent
    if standing.state == "open":
        return Plan(1, outcome=KEPT) if standing.owner != "bot" else None
    if standing.state == "parked":
        if agent is not None and (agent.is_online or standing.away_for <= limits.lasts("PARK_GRACE")):
            return Plan(2, (Target(f"agent:{agent.pk}"),))
        return _made(facts, 3, _queues(facts.last_queue))
    is_late = standing.closed_at is None or now - standing.closed_at > limits.lasts("REOPEN_WITHIN")
    if standing.reason != "resolved" or is_late:
        return None
    if standing.is_thanks:
        return Plan(5, outcome=STAYS_CLOSED)
    return _made(facts, 5, [*_first(agent), *_queues(*facts.last, *facts.rest)], agent)


def _explicit(facts: Facts) -> Plan:
    """Rule 6: a transfer, an escalation, or a step names an agent or a queue; who helped last does not count."""
    named = facts.target
    asked = [Target(f"agent:{named.pk}", limits.lasts("TRANSFER_FOR"))] if named and named.is_eligible else []
    return _made(facts, 6, [*asked, *_queues(facts.wanted, *facts.rest)], named)


def _returning(facts: Facts, known: Preferred | None) -> Plan:
    """Rules 8 to 12: somebody has helped this customer, or a queue has."""
    queues, last = _queues(*facts.last, *facts.rest), facts.last_queue
    if known is not None and known.is_eligible:
        return _made(facts, 8, [*_first(known), *queues])
    is_full = known is not None and known.is_full
    if is_full and known is not None and facts.will_wait:
        waited = Target(f"agent:{known.pk}", limits.lasts("WAIT_FOR_PREFERRED"), waits=True)
        return _made(facts, 9, [waited, *queues])
    if is_full and known is not None and queues and (last is None or last.is_eligible):
        return _made(facts, 9, [replace(queues[0], bonus=known.pk), *queues[1:]])
    if last is None or not last.is_eligible:
        return _made(facts, 12, queues, known)
    return _made(facts, 11 if known is None else 10, queues, known)


def _first(known: Preferred | None) -> list[Target]:
    """The agent of last time, for a minute; passed over at once if they cannot take it."""
    return [Target(f"agent:{known.pk}", limits.lasts("PREFERRED_FOR"))] if known and known.is_eligible else []


def _queues(*wished: QueueFacts | None) -> list[Target]:
    """Those that can take something, each once."""
    found = dict.fromkeys(queue.pk for queue in wished if queue is not None and queue.is_eligible)
    return [Target(f"queue:{pk}", limits.lasts("LAST_QUEUE_FOR")) for pk in found]


def _made(facts: Facts, rule: int, targets: list[Target], first: Preferred | None = None) -> Plan:
    """Optional skills are asked for ring by ring, and the last target waits for ever. Who should come `first` and is
    passed over for their own no is noted."""
    if not any(target.is_queue for target in targets):
        return Plan(15)
    ringed = [ring for target in targets for ring in _rings(facts, target)]
    extra = limits.lasts("VIP_PRIORITY") if facts.is_vip and rule == 7 else timedelta()
    declined = first.pk if first is not None and first.is_passed_over else None
    by_owner = rule in BY_PREFERENCE and facts.preferred is not None and facts.preferred.looks_after
    steps = (*ringed[:-1], replace(ringed[-1], lasts=None))
    return Plan(rule, steps, priority=int(extra.total_seconds() // 60), declined=declined, by_owner=by_owner)


def _rings(facts: Facts, target: Target) -> list[Target]:
    """The queue that was asked for: first whoever has all that is wished, then one wish less every minute."""
    if facts.wanted is None or target.name != f"queue:{facts.wanted.pk}":
        return [target]
    asked = [facts.wishes[:most] for most in range(min(len(facts.wishes), facts.staffed_wishes), 0, -1)]
    return [*(replace(target, lasts=limits.lasts("SKILL_RING"), needs=needs) for needs in asked), target]
