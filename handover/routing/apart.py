"""How does one broken queue leave the others alone? What fails for it is told, and tried again after a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError

log = logging.getLogger(__name__)

REST = 30.0  # seconds

_resting: dict[tuple[str, int], float] = {}


def serve(what: str, queue_id: int, work: Callable[[], int]) -> int:
    """What the work for this queue returns; 0 if it fails, and while the queue rests from that."""
    if time.monotonic() < _resting.get((what, queue_id), 0.0):
        return 0
    try:
        return work()
    except (OperationalError, InterfaceError):
        raise  # no fault of the queue's: the worker waits for the database
    except Exception as error:  # the quarantine of a queue: the others are served all the same
        log.exception("%s of queue %s failed: %s", what, queue_id, type(error).__name__)
        _resting[what, queue_id] = time.monotonic() + REST
        return 0
