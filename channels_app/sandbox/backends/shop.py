"""What does the demo shop's order system answer? Orders by number, free times, bookings and returns.

`NC-5000` fails with 500 and `NC-5001` takes too long, so that a journey's `on.error` can be seen.
"""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Any

from channels_app.sandbox.backends import answering
from channels_app.sandbox.backends.answering import Found, api

KEY = "demo_shop"
ORDERS = {
    "NC-1041": {"item": "Fjord chair, oak", "state": "on its way", "eta_days": 2, "total": 389.0, "currency": "EUR"},
    "NC-1042": {"item": "Lund armchair, green", "state": "delivered", "eta_days": 0, "total": 649.0, "currency": "EUR"},
    "NC-1043": {"item": "Skagen stool, black", "state": "packed", "eta_days": 5, "total": 119.0, "currency": "EUR"},
}  # fmt: skip
NUMBER = re.compile(r"NC-?(\d{4,8})\Z")
TIMES = ("09:00", "10:30", "13:00", "14:30", "16:00")
BROKEN, SLOW, SLOW_SECONDS = "NC-5000", "NC-5001", 12
SUNDAY = 6


@api(KEY, "GET")
def health(given: dict[str, Any]) -> Found:
    return 200, {"status": "ok"}


@api(KEY, "GET")
def order(given: dict[str, Any], number: str) -> Found:
    """The order of this number; 404 if there is none."""
    known = _number(number)
    if known == BROKEN:
        return 500, {"error": "the order system is down"}
    if known == SLOW:
        time.sleep(SLOW_SECONDS)
    found = ORDERS.get(known)
    return (200, {"number": known, **found}) if found else (404, {"error": "no such order"})


@api(KEY, "GET")
def slots(given: dict[str, Any]) -> Found:
    """The first three free times of a day; 404 on Sundays."""
    day = _day(given)
    if day is None or day.weekday() == SUNDAY:
        return 404, {"error": "closed"}
    free = [at for at in TIMES if answering.recall(KEY, f"booked:{day}:{at}") is None]
    return 200, {"day": day.isoformat(), "free": free[:3]}


@api(KEY, "POST")
def bookings(given: dict[str, Any]) -> Found:
    """Books a time once; 409 if somebody was quicker."""
    day, at = _day(given), str(given.get("time", ""))
    if day is None or at not in TIMES:
        return 422, {"error": "day and time"}
    number = f"B-{day:%m%d}{at.replace(':', '')}"
    if not answering.remember(KEY, f"booked:{day}:{at}", number):
        return 409, {"error": "taken"}
    return 201, {"number": number}


@api(KEY, "POST")
def returns(given: dict[str, Any]) -> Found:
    """Notes a return; the label's number follows from the order's."""
    number = _number(str(given.get("order", "")))
    if number not in ORDERS:
        return 404, {"error": "no such order"}
    label = f"R-{number.removeprefix('NC-')}"
    answering.remember(KEY, f"returned:{number}", str(given.get("reason", ""))[:40])
    return 201, {"label": label}


urls = (
    ("health", health, "health"),
    ("orders/<str:number>", order, "order"),
    ("slots", slots, "slots"),
    ("bookings", bookings, "bookings"),
    ("returns", returns, "returns"),
)


def _number(text: str) -> str:
    found = NUMBER.match(text.strip().upper())
    return f"NC-{found[1]}" if found else ""


def _day(given: dict[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(given.get("day", "")))
    except ValueError:
        return None
