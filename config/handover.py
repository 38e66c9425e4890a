"""How long does the human side wait, and how often does it ask? The defaults, each of which the environment may change.

Seconds, but `CAPACITY`, `FALLBACK_DEPTH`, `READS_...` and `SCREENS_MOST`, which count.
`HANDOVER_OFFER_FOR=30` changes `OFFER_FOR`.
"""

from __future__ import annotations

from config import env

DEFAULTS = {
    "SESSION_TTL": 86_400,  # without a word from either side a conversation expires
    "PRESENCE_CHECK": 2,  # longer without an answer counts as nobody there
    "INTAKE_ABANDON": 1_800,  # pre-chat questions without an answer
    "PREFERRED_FOR": 60,  # the offer to the agent of last time
    "LAST_QUEUE_FOR": 600,  # every queue of a plan but the last
    "WAIT_FOR_PREFERRED": 120,  # for an agent who is full, if the customer chose to wait
    "STALE_AFTER": 604_800,  # an older context gives no preference
    "REOPEN_WITHIN": 86_400,  # after a resolved conversation was closed
    "PARK_GRACE": 600,  # an agent away longer does not get what they parked
    "PARK_MAX": 604_800,
    "VIP_PRIORITY": 1_800,  # of queue age
    "FALLBACK_DEPTH": 3,
    "SKILL_RING": 60,  # until optional skills are asked for no longer
    "DECLINE_EXCLUDE": 600,  # who declined is not asked again for so long
    "OFFER_FOR": 45,
    "TRANSFER_FOR": 60,
    "HEARTBEAT": 25,
    "ONLINE_WITHIN": 75,
    "REQUEUE_AFTER": 600,  # unanswered conversations of an agent who is gone
    "AWAY_GRACE": 1_800,  # the answered ones
    "IDLE_AFTER": 600,  # an agent without input
    "CAPACITY": 6,
    "WRAP_UP": 60,
    "RATING_AFTER": 30,  # after the close, until the customer is asked how it was: it can be taken back for so long
    "UNANSWERED": 300,  # assigned and no word from the agent
    "QUEUE_NOTICE": 120,  # between two words to those who wait, at most three
    "QUEUE_NOTICES": 3,
    "CUSTOMER_INACTIVE": 900,
    "AGENT_REMIND": 300,  # the customer waits for the agent's next word
    "AGENT_INACTIVE": 900,
    "FUTURE_CLAMP": 300,
    "READS_TOLD": 2_000,  # conversations that one account reads in an hour, until the audit log says so; 0: never
    "READS_MOST": 10_000,  # and until it is refused more of them; 0: never
    "SCREENS_MOST": 20,  # open screens of one agent in one process
    "SEND_LATE": 600,  # so long after it was written a reply that the line kept back may still go out by itself
    "UNDO_SEND": 5,  # so long a reply waits on the agent's screen and can be taken back; 0: it goes at once
}


def read() -> dict[str, int]:
    """The defaults with what the environment says."""
    return {name: env.number(f"HANDOVER_{name}", value) for name, value in DEFAULTS.items()}
