"""The connection ended: may it be resumed, must a new session begin, or is the bot refused for good?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

GOING_ON = 4000  # the code that we close with: after 1000 or 1001 Discord forgets the session


class Ending(Enum):
    """What follows after a connection."""

    RESUME = "resume"
    NEW = "new"
    FATAL = "fatal"
    STOPPED = "stopped"


REFUSED: Mapping[int, str] = {
    4004: "Discord refuses the bot's token (4004).",
    4010: "The gateway refuses the shard (4010).",
    4011: "The bot is in too many servers for one connection (4011).",
    4012: "The gateway does not speak this version any more (4012).",
    4013: "The gateway does not know an intent (4013).",
    4014: "An intent is not switched on for this application (4014).",
}
# 4003 not identified, 4007 wrong sequence, 4009 timed out: this session is over.
OVER = frozenset({4003, 4007, 4009})


def of(code: int | None) -> Ending:
    """What a closing code of Discord's means; none at all is a connection that broke."""
    if code in REFUSED:
        return Ending.FATAL
    return Ending.NEW if code in OVER else Ending.RESUME
