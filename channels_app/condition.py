"""How is each channel doing? The numbers behind the health page, `doctor` and `/metrics`: all of them from here.

A handful of set statements over partial indexes, whatever the size of the tables.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from django.http import HttpRequest

from channels_app import readiness
from channels_app.models import Channel, ChannelState
from common import clock

Level = Literal["OK", "WARN", "FAIL"]
SLOW, STUCK = 60.0, 300.0  # seconds that the oldest due row may wait
BAD_SHARE, BAD_LEAST = 0.2, 5  # of the last hour's sends that failed

STATES = """
SELECT ch.id, ch.key, ch.kind, ch.title, ch.is_enabled, ch.stopped_reason, st.failures, st.opens, st.open_until,
       st.stopped_at, st.recheck_at, st.checked_at, coalesce(st.findings, '[]'::jsonb)::text, st.silent_at,
       st.last_sent_at, now(),
       (SELECT max(received_at) FROM channels_app_inboundevent e WHERE e.channel_id = ch.id)
FROM channels_app_channel ch LEFT JOIN channels_app_channelstate st ON st.channel_id = ch.id ORDER BY ch.title, ch.id
"""
WAITING_IN = """
SELECT channel_id, count(*), extract(epoch FROM now() - min(received_at) FILTER (WHERE next_attempt_at <= now()))
FROM channels_app_inboundevent WHERE state = 'pending' GROUP BY 1
"""
WAITING_OUT = """
SELECT ch.id, count(*), greatest(0, extract(epoch FROM now() + %s * interval '1 second' - min(d.next_attempt_at)))
FROM conversations_delivery d JOIN channels_app_channel ch ON ch.key = d.channel WHERE d.state = 'queued' GROUP BY 1
"""
UNSETTLED = """
SELECT ch.id, count(*) FROM conversations_delivery d JOIN channels_app_channel ch ON ch.key = d.channel
WHERE d.state = 'unknown' GROUP BY 1
"""
QUARANTINED = "SELECT channel_id, count(*) FROM channels_app_inboundevent WHERE state = 'quarantined' GROUP BY 1"
SENT = """
SELECT channel_id, coalesce(sum(sent) FILTER (WHERE hour > now() - interval '2 hours'), 0),
       coalesce(sum(failed) FILTER (WHERE hour > now() - interval '2 hours'), 0), sum(sent), sum(failed)
FROM channels_app_channelhour WHERE hour > now() - interval '1 day' GROUP BY 1
"""
TEMPLATES = "SELECT channel_id, status, count(*) FROM channels_app_messagetemplate GROUP BY 1, 2 ORDER BY 2"


@dataclass(slots=True)
class Condition:
    """One channel, now; ages in seconds, None where nothing waits. `hour`: the present one and the one before."""

    pk: int
    key: str
    kind: str
    title: str
    is_enabled: bool
    stopped_reason: str
    failures: int
    opens: int
    open_until: datetime | None
    stopped_at: datetime | None
    recheck_at: datetime | None
    checked_at: datetime | None
    findings: Any
    silent_at: datetime | None
    last_sent_at: datetime | None
    now: datetime
    last_inbound_at: datetime | None
    waiting_in: int = 0
    oldest_in: float | None = None
    waiting_out: int = 0
    oldest_out: float | None = None
    unsettled: int = 0
    quarantined: int = 0
    hour: tuple[int, int] = (0, 0)  # sent, failed
    day: tuple[int, int] = (0, 0)
    templates: dict[str, int] = field(default_factory=dict)  # by status
    missing: Sequence[str] = ()  # what has to be filled in before it works

    @property
    def circuit(self) -> Literal["closed", "open", "half_open"]:
        """Whether the provider is being left in peace."""
        if self.open_until is None:
            return "closed"
        return "open" if self.open_until > self.now else "half_open"

    @property
    def error_share(self) -> float:
        """Of the last hour's sends, those that failed; 0 to 1."""
        return self.hour[1] / max(sum(self.hour), 1)

    @property
    def is_untried(self) -> bool:
        """Nobody has asked its provider yet, and no traffic has proven it."""
        seen = self.checked_at or self.last_inbound_at or self.last_sent_at
        return seen is None and readiness.is_proven_by_a_check(self.kind)

    @property
    def troubles(self) -> list[tuple[Level, str]]:
        """What an operator should know, the worst first."""
        if not self.is_enabled:
            return []
        found: list[tuple[Level, str]] = []
        if self.missing:
            found.append(("FAIL", readiness.words(self.missing)))
        elif self.is_untried:
            found.append(("WARN", "never checked, and nothing has come in or gone out yet: check the connection"))
        if self.stopped_reason:
            found.append(("FAIL", f"stopped: {self.stopped_reason}"))
        if self.open_until is not None:
            found.append(("FAIL", f"the provider does not answer: {self.failures} failures in a row, sending pauses"))
        if (self.oldest_in or 0) > SLOW:
            level: Level = "FAIL" if (self.oldest_in or 0) > STUCK else "WARN"
            found.append((level, f"an inbound event has waited {self.oldest_in:.0f} s"))
        if (self.oldest_out or 0) > STUCK and not self.stopped_reason:
            found.append(("WARN", f"a message has waited {self.oldest_out:.0f} s to be sent"))
        if self.error_share > BAD_SHARE and self.hour[1] >= BAD_LEAST:
            found.append(("WARN", f"{self.error_share:.0%} of the sends of the last hour failed"))
        if self.silent_at:
            found.append(("WARN", f"nothing has come in since {_when(self.last_inbound_at)}: is the webhook set?"))
        if self.quarantined:
            found.append(("WARN", f"{self.quarantined} events are in quarantine"))
        return sorted(found, key=lambda one: one[0] != "FAIL")

    @property
    def level(self) -> Level:
        return self.troubles[0][0] if self.troubles else "OK"


def of_all() -> Sequence[Condition]:
    """Every channel, by title."""
    found = {row[0]: _condition(row) for row in _rows(STATES)}
    for pk, count, age in _rows(WAITING_IN):
        found[pk].waiting_in, found[pk].oldest_in = count, _seconds(age)
    for pk, count, age in _rows(WAITING_OUT, [clock.offset().total_seconds()]):
        found[pk].waiting_out, found[pk].oldest_out = count, _seconds(age)
    for pk, count in _rows(UNSETTLED):
        found[pk].unsettled = count
    for pk, count in _rows(QUARANTINED):
        found[pk].quarantined = count
    for pk, sent, failed, sent_day, failed_day in _rows(SENT):
        found[pk].hour, found[pk].day = (int(sent), int(failed)), (int(sent_day), int(failed_day))
    for pk, statuses in _templates().items():
        found[pk].templates = statuses
    for pk, names in _missing().items():
        found[pk].missing = names
    return list(found.values())


def of(channel: Channel) -> Condition:
    """One of them."""
    return next(one for one in of_all() if one.pk == channel.pk)


def in_trouble() -> int:
    """How many channels are not set up, stopped, pause, or are silent: the badge in the back office."""
    states = ChannelState.objects.filter(channel__is_enabled=True)
    held = states.exclude(channel__stopped_reason="") | states.filter(open_until__isnull=False)
    troubled = set((held | states.filter(silent_at__isnull=False)).values_list("channel_id", flat=True))
    return len(troubled | _missing().keys())


def badge(request: HttpRequest) -> str:
    """What stands beside the channels in the back office's side bar; '' while all is well."""
    return str(in_trouble() or "")


def _condition(row: Sequence[Any]) -> Condition:
    found = Condition(*row)
    found.failures, found.opens = found.failures or 0, found.opens or 0
    found.findings = json.loads(found.findings)
    return found


def _missing() -> dict[int, Sequence[str]]:
    """Of the channels that are switched on, those that lack something."""
    rows = Channel.objects.filter(is_enabled=True)
    return {row.pk: names for row in rows if (names := readiness.missing(row))}


def _templates() -> dict[int, dict[str, int]]:
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for pk, status, count in _rows(TEMPLATES):
        counted[pk][status] = count
    return counted


def _rows(query: str, values: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _seconds(age: Any) -> float | None:
    return None if age is None else float(age)


def _when(at: datetime | None) -> str:
    return at.strftime("%d %B %H:%M UTC") if at else "it was connected"
