"""What does the demo's telephone company answer? Whether a modem may be restarted from afar; and it restarts it.

A serial number that ends with 0 is unknown, one that ends with 9 is too old.
"""

from __future__ import annotations

import re
from typing import Any

from channels_app.sandbox.backends import jobs
from channels_app.sandbox.backends.answering import Found, api

KEY = "telco"
SERIAL = re.compile(r"[A-Z0-9]{8,12}\Z")


@api(KEY, "GET")
def health(given: dict[str, Any]) -> Found:
    return 200, {"status": "ok"}


@api(KEY, "POST", "GET")
def check(given: dict[str, Any], serial: str) -> Found:
    """What can be done with the modem; 404 if nobody knows it."""
    known = serial.strip().upper()
    if not SERIAL.match(known) or known.endswith("0"):
        return 404, {"error": "no such modem"}
    is_old = known.endswith("9")
    return 200, {"serial": known, "eligible": not is_old, "eta_minutes": 90 if is_old else 5, "firmware": "7.4.1"}


@api(KEY, "POST")
def begin(given: dict[str, Any]) -> Found:
    """Takes a restart, and reports how it goes to the address that came with the call."""
    job = jobs.begin(**given["job"])
    return (202, {"id": job}) if job else (503, {"error": "not now"})


@api(KEY, "POST")
def stop(given: dict[str, Any], job: str) -> Found:
    """Takes note; what is on its way comes all the same, as with any real system."""
    return 200, {"id": job, "state": "stopping"}


urls = (
    ("health", health, "health"),
    ("modems/<str:serial>/check", check, "check"),
    ("jobs", begin, "jobs"),
    ("jobs/<str:job>/cancel", stop, "job-cancel"),
)
