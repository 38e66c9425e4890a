"""How does the board stand on the page? Its parts by the id of their element, the same for the page and the push."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language, override

from handover.board import AgentLine, Alarm, Picture, QueueLine
from handover.inbox import naming, staff

TOTALS, ALARMS = "board-totals", "board-alarms"
Parts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a supervisor asks first."""

    waiting: int
    since: Any
    near: int
    over: int
    online: int
    agents: int
    room: float


@dataclass(frozen=True, slots=True)
class Call:
    """An alarm with its words: whose, and where it leads."""

    alarm: Alarm
    person: str
    queue: str
    agent: str
    ref: str


def people(picture: Picture) -> dict[int, str]:
    """What the customers of the alarms are called, by root; two queries, none without alarms."""
    roots = {one.root_id for one in picture.alarms if one.root_id is not None}
    return naming.names(roots) if roots else {}


def of(picture: Picture, names: Mapping[int, str]) -> Parts:
    """Every part in the present language; a line that is as it was is not drawn again."""
    language = get_language() or "en"
    made = {TOTALS: _totals_html(totals(picture), language), ALARMS: alarms_html(picture, names)}
    made |= {f"bq-{line.key}": _queue_html(line, language) for line in picture.queues}
    return made | {f"ba-{staff.ref(line.pk)}": _agent_html(line, language) for line in picture.agents}


def totals(picture: Picture) -> Totals:
    """The sums over what somebody leads; an agent counts once, in however many queues they work."""
    since = [line.since for line in picture.queues if line.since is not None]
    return Totals(
        waiting=sum(line.waiting for line in picture.queues),
        since=min(since, default=None),
        near=sum(line.near for line in picture.queues),
        over=sum(line.over for line in picture.queues),
        online=sum(line.presence == "online" for line in picture.agents),
        agents=len(picture.agents),
        room=sum(line.room for line in picture.agents),
    )


def alarms_html(picture: Picture, names: Mapping[int, str]) -> str:
    """The list of what needs somebody now."""
    queues = {line.pk: line.title for line in picture.queues}
    agents = {line.pk: line.name for line in picture.agents}
    calls = [
        Call(
            one,
            names.get(one.root_id or 0, ""),
            queues.get(one.queue_id or 0, ""),
            agents.get(one.agent_id or 0, ""),
            staff.ref(one.agent_id) if one.agent_id else "",
        )
        for one in picture.alarms
    ]
    return render_to_string("inbox/_board_alarms.html", {"calls": calls})


# Hundreds of lines are drawn every few seconds, and few of them have changed. What is written in them is plain text
# of ours: no token, nothing of a viewer.
@lru_cache(maxsize=4096)
def _agent_html(line: AgentLine, language: str) -> str:
    with override(language):
        return render_to_string("inbox/_board_agent.html", {"line": line, "ref": staff.ref(line.pk)})


@lru_cache(maxsize=1024)
def _queue_html(line: QueueLine, language: str) -> str:
    with override(language):
        return render_to_string("inbox/_board_queue.html", {"line": line})


@lru_cache(maxsize=64)
def _totals_html(sums: Totals, language: str) -> str:
    with override(language):
        return render_to_string("inbox/_board_totals.html", {"totals": sums})
