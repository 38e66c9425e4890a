"""How do the teams stand at this moment: who waits where, who is there, and what needs a supervisor?

`read` looks once at everything; `cut` leaves of it what one supervisor leads. So a process asks the database once,
however many supervisors look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from common import clock
from handover.board import alarms, queues, staffing
from handover.board.alarms import Alarm
from handover.board.leads import Scope
from handover.board.queues import QueueLine
from handover.board.staffing import AgentLine

__all__ = ["AgentLine", "Alarm", "Picture", "QueueLine", "Scope", "cut", "read"]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything at one moment, or what one supervisor leads of it."""

    queues: tuple[QueueLine, ...]
    agents: tuple[AgentLine, ...]
    alarms: tuple[Alarm, ...]


def read() -> Picture:
    """Every queue, every active agent, every alarm. Eight statements, whatever there is."""
    now = clock.now()
    agents = staffing.read(now)
    return Picture(queues.read(now, agents), agents, alarms.read(now, agents))


def cut(picture: Picture, scope: Scope) -> Picture:
    """What this supervisor leads: their queues, whoever works in them, and what went wrong there."""
    if scope.is_all:
        return picture
    theirs = {agent.pk for agent in picture.agents if scope.queues.intersection(agent.queues)}
    return replace(
        picture,
        queues=tuple(line for line in picture.queues if line.pk in scope.queues),
        agents=tuple(line for line in picture.agents if line.pk in theirs),
        alarms=tuple(one for one in picture.alarms if _concerns(one, scope, theirs)),
    )


def _concerns(alarm: Alarm, scope: Scope, theirs: set[int]) -> bool:
    """One of a queue is its lead's; one without a queue is told to those who lead its agent."""
    return alarm.queue_id in scope.queues if alarm.queue_id is not None else alarm.agent_id in theirs
