"""May somebody try again who has failed before? Each try is counted before it is made, so a burst finds the limit, too.

    TooMany       as many failures as are allowed within the window; `wait` says when the oldest of them ends

Times are the database's own: neither the sandbox's clock nor a process's may open the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db import connection, transaction

# Under the row's lock: what has ended is dropped, and one more counted if there is room. No row: there is none.
COUNT = """
INSERT INTO customers_recentfailures AS f (key, times, ends_at)
SELECT %(key)s, ARRAY[t], t + %(within)s FROM clock_timestamp() AS t
ON CONFLICT (key) DO UPDATE SET ends_at = excluded.ends_at,
    times = ARRAY(SELECT s FROM unnest(f.times) AS s WHERE s > excluded.times[1] - %(within)s) || excluded.times
WHERE (SELECT count(*) FROM unnest(f.times) AS s WHERE s > excluded.times[1] - %(within)s) < %(most)s
RETURNING f.id
"""
WAIT = """
SELECT extract(epoch FROM min(s) + %(within)s - clock_timestamp())
FROM customers_recentfailures, unnest(times) AS s WHERE key = %(key)s AND s > clock_timestamp() - %(within)s
"""
GIVE_BACK = "UPDATE customers_recentfailures SET times = times[1:cardinality(times) - 1] WHERE key = ANY(%s)"
SWEEP = """
DELETE FROM customers_recentfailures WHERE id IN (
    SELECT id FROM customers_recentfailures WHERE ends_at < clock_timestamp()
    ORDER BY ends_at LIMIT 20 FOR UPDATE SKIP LOCKED
)
"""


class TooMany(Exception):
    """Not counted, and not to be tried; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"try again in {wait:.0f} s")
        self.wait = wait


class Limit(NamedTuple):
    """At most so many failures under a key within the window."""

    key: str
    most: int
    within: timedelta


def count(limits: Sequence[Limit]) -> None:
    """Counts one try under every limit as if it had failed, or under none: `TooMany`. The same order everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(SWEEP)
    with transaction.atomic(), connection.cursor() as cursor:
        for limit in limits:
            cursor.execute(COUNT, limit._asdict())
            if cursor.fetchone() is None:
                cursor.execute(WAIT, limit._asdict())
                [wait] = cursor.fetchone() or [None]
                raise TooMany(max(1.0, float(wait or 0)))


def give_back(limits: Sequence[Limit]) -> None:
    """The try that was counted last did not fail."""
    with transaction.atomic(), connection.cursor() as cursor:
        for limit in limits:
            cursor.execute(GIVE_BACK, [[limit.key]])
