"""Which public id does a new row get? Time-ordered UUIDs (RFC 9562, version 7), known before the insert."""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import datetime

SET_BACK = 10_000 << 12  # ten seconds

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A version 7 UUID; inside one process each is greater than the one before it."""
    stamp = _next_stamp()
    millisecond, fraction = stamp >> 12, stamp & 0xFFF
    tail = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=(millisecond << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | tail)


def _next_stamp() -> int:
    """Milliseconds shifted left by 12, the low bits holding the fraction (RFC 9562, 6.2, method 3)."""
    global _last
    millisecond, rest = divmod(time.time_ns(), 1_000_000)
    stamp = (millisecond << 12) | (rest * 4096 // 1_000_000)
    with _lock:
        # A clock that was set back by much is believed: ids of the future would be worse than two out of order.
        _last = max(stamp, _last + 1) if _last < stamp + SET_BACK else stamp
        return _last


def earliest(at: datetime) -> uuid.UUID:
    """The smallest id of a row made at that moment (of the machine's clock): rows by age, without a column."""
    return uuid.UUID(int=(int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0b10 << 62))
