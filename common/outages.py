"""Is it the database that went away, or did this one row fail? A quarantine must tell them apart, and so does a page.

Problem
+-- Away     503 unavailable, with Retry-After; what failed is neither the request nor a fault of ours
"""

from __future__ import annotations

import redis
from django.db import InterfaceError, OperationalError

from common.problems import Problem

LOST = (redis.ConnectionError, redis.TimeoutError)


class Away(Problem):
    code, title, status = "unavailable", "We are back in a moment.", 503


def raise_if_away(error: Exception) -> None:
    """Raises it again if the database went away; a deadlock or a time-out is retried like any other failure."""
    if _has_lost_database(error):
        raise error


def is_away(error: BaseException | None) -> bool:
    """Did it come of this that the database or Redis cannot be reached?"""
    while error is not None:
        if isinstance(error, LOST) or _has_lost_database(error):
            return True
        error = error.__cause__
    return False


def _has_lost_database(error: BaseException) -> bool:
    """No answer, or one that says that there is none: the connection has ended, was refused, or there are too many."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P", "53"))
