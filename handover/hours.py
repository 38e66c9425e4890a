"""When is a team there? Opening hours as written for a week, read in the team's own time zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handover.models import BusinessHours, Queue

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FAR = 366  # days that are looked through for the next opening
Span = tuple[datetime, datetime]


class Unclear(ValueError):
    """Hours that cannot be read; the text says where."""


def is_open(queue: Queue | None, at: datetime) -> bool:
    """Is the queue's team there at this moment? A queue without hours is open as long as nobody closes it."""
    if queue is None or not queue.is_open:
        return False
    written = of(queue)
    return written is None or _is_open(written, at)


def next_opening(queue: Queue | None, after: datetime) -> datetime | None:
    """When the team is there next: `after` itself if it is there now, None if nobody knows."""
    if is_open(queue, after):
        return after
    written = of(queue)
    if queue is None or written is None or not queue.is_open:
        return None
    return next((begins for begins, _ in _from(written, after) if begins > after), None)


def opening(queue: Queue | None, after: datetime) -> str:
    """The same by the team's own clock, as it is said to a customer: `23.11. 09:00`; '' if it is there or nobody
    knows."""
    opens, written = next_opening(queue, after), of(queue)
    if written is None or opens is None or opens <= after:
        return ""
    return opens.astimezone(zone(written)).strftime("%d.%m. %H:%M")


def after(queue: Queue | None, begin: datetime, lasting: timedelta) -> datetime:
    """The moment at which the team has been there for so long since `begin`; a queue without hours is always there.

    Hours that never come again (a year without a shift) count as if the team were always there: a promise that could
    not be kept is better late than silent.
    """
    written = of(queue)
    if written is None:
        return begin + lasting
    left = lasting
    for opens, closes in _from(written, begin):
        if (stretch := closes - max(opens, begin)) >= left:
            return max(opens, begin) + left
        left -= stretch
    return begin + lasting


def between(queue: Queue | None, begin: datetime, end: datetime) -> timedelta:
    """For how long the team was there from `begin` to `end`."""
    written = of(queue)
    if written is None:
        return max(end - begin, timedelta())
    found = timedelta()
    for opens, closes in _from(written, begin):
        if opens >= end:
            break
        found += min(closes, end) - max(opens, begin)
    return found


def of(queue: Queue | None) -> BusinessHours | None:
    """The hours by which the queue's team works. Those that cannot be read count as none: `routing.flaws` says so."""
    written = queue.hours if queue else None
    return None if written is None or flaw(written) else written


def flaw(hours: BusinessHours) -> str:
    """Why these hours cannot be read, '' if they can."""
    try:
        check(hours.weekly, hours.holidays, hours.time_zone)
    except Unclear as error:
        return str(error)
    return ""


def has_shifts(weekly: Mapping[str, Sequence[str]]) -> bool:
    """Is anybody ever there? A week without a shift can be read, and is never open."""
    return any(weekly.values())


def zone(hours: BusinessHours) -> ZoneInfo:
    """The team's own time zone."""
    return ZoneInfo(hours.time_zone)


def check(weekly: object, holidays: object, zone: str) -> None:
    """Raises `Unclear` for hours that cannot be read."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # of the latter: a folder of zones
        raise Unclear(f"there is no time zone {zone}") from error
    if not isinstance(weekly, Mapping) or not set(weekly) <= set(DAYS):
        raise Unclear(f"the days are {', '.join(DAYS)}")
    for day, spans in weekly.items():
        if not isinstance(spans, list):
            raise Unclear(f'{day}: a list such as ["09:00-17:30"]')
        for span in spans:
            _read(span)
    if not isinstance(holidays, list):
        raise Unclear('holidays: a list such as ["2026-12-24"]')
    for day in holidays:
        _date(day)


def _from(hours: BusinessHours, begin: datetime) -> Iterator[Span]:
    """The shifts that end after `begin`, in order, for a year; what two shifts share is counted once."""
    first = begin.astimezone(zone(hours)).date() - timedelta(days=1)  # a night shift began yesterday
    until = begin
    for number in range(FAR):
        for opens, closes in _spans(hours, first + timedelta(days=number)):
            if closes > until:
                yield max(opens, until), closes
                until = closes


def _is_open(hours: BusinessHours, at: datetime) -> bool:
    today = at.astimezone(zone(hours)).date()
    days = (today - timedelta(days=1), today)
    return any(begins <= at < ends for day in days for begins, ends in _spans(hours, day))


def _spans(hours: BusinessHours, day: date) -> list[Span]:
    """The shifts that begin on this day of theirs, in UTC, in order; one that ends earlier than it begins lasts over
    midnight. One that lies in the hour that a change of clocks skips is none."""
    written: Sequence[str] = hours.weekly.get(DAYS[day.weekday()], ())
    if day.isoformat() in hours.holidays:
        return []
    here, found = zone(hours), []
    for begins, ends in sorted(map(_read, written)):
        last = day if ends > begins else day + timedelta(days=1)
        span = _moment(day, begins, here), _moment(last, ends, here)
        if span[0] < span[1]:
            found.append(span)
    return found


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """By the wall clock, so that a change of clocks moves no opening; a time that it skips is the change itself."""
    day, minutes = (day + timedelta(days=1), 0) if minutes == 24 * 60 else (day, minutes)
    found = datetime.combine(day, time(minutes // 60, minutes % 60), zone)
    while _is_skipped(found):
        found += timedelta(minutes=1)
    return found.astimezone(UTC)


def _is_skipped(wall: datetime) -> bool:
    """No clock of the zone ever shows it: set forward, it runs on by more than before."""
    before, behind = wall.replace(fold=0).utcoffset(), wall.replace(fold=1).utcoffset()
    return before is not None and behind is not None and before < behind


def _read(span: object) -> tuple[int, int]:
    """`09:00-17:30` in minutes of the day."""
    begins, dash, ends = str(span).partition("-")
    if not dash:
        raise Unclear(f"{span}: written as 09:00-17:30")
    return _minutes(begins), _minutes(ends)


def _minutes(text: str) -> int:
    hours, colon, minutes = text.strip().partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2):
        raise Unclear(f"{text}: written as 09:00")
    found = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or found > 24 * 60:
        raise Unclear(f"{text}: there is no such time")
    return found


def _date(text: object) -> date:
    try:
        found = date.fromisoformat(str(text))
    except ValueError as error:
        raise Unclear(f"{text}: written as 2026-12-24") from error
    if found.isoformat() != text:  # 20261224 is a date, too, and would never come
        raise Unclear(f"{text}: written as 2026-12-24")
    return found
