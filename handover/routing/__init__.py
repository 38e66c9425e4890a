"""To whom, in which order, for how long? Facts are read once, `plan` is pure, what it says is done under locks."""

from handover.routing.assigning import assign
from handover.routing.facts import Facts, Preferred, QueueFacts, Standing
from handover.routing.places import queue_for, referrer_of
from handover.routing.plans import plan
from handover.routing.ranking import place as rank
from handover.routing.reading import can_serve, facts_for, is_blocked
from handover.routing.steps import advance, begin, demanded
from handover.routing.targets import Plan, Target

__all__ = [
    "Facts",
    "Plan",
    "Preferred",
    "QueueFacts",
    "Standing",
    "Target",
    "advance",
    "assign",
    "begin",
    "can_serve",
    "demanded",
    "facts_for",
    "is_blocked",
    "plan",
    "queue_for",
    "rank",
    "referrer_of",
]
