"""When was it said, what a trusted server says of somebody?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from common import clock
from customers import tallies
from customers.attributes import AHEAD, EARLIEST


@dataclass(frozen=True, slots=True)
class Moment:
    """When it was said, as far as that counts, and since when it may have been said at the earliest."""

    at: datetime
    earliest: datetime

    @classmethod
    def of(cls, said: datetime | None, *, is_new: bool) -> Moment:
        """Of a record that names no time, or an impossible one, nobody knows how old it is; `is_new`: it is of now."""
        now = clock.now()
        if said is not None and EARLIEST <= said <= now + AHEAD:
            return cls(min(said, now), said)
        if said is not None:
            tallies.add(tallies.CLAMPED)
        return cls(now, now if is_new else EARLIEST)
