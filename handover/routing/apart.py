"""How does one broken queue leave the others alone? What fails for it is told, and tried again after a while.

How long it rests is known to the worker's process alone: whoever takes its place tries at once.
"""

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
    if _rests(what, queue_id):
        return 0
    try:
        return work()
    except (OperationalError, InterfaceError):
        raise  # no fault of the queue's: the worker waits for the database
    except Exception as error:  # the quarantine of a queue: the others are served all the same
        log.exception("%s of queue %s failed: %s", what, queue_id, type(error).__name__)
        _rest(what, queue_id)
        return 0


def tell(what: str, queue_id: int, said: str) -> None:
    """Says what is wrong in a queue that is served all the same; in the log, once in a while and not in every round."""
    if not _rests(what, queue_id):
        log.error("%s of queue %s: %s", what, queue_id, said)
        _rest(what, queue_id)


def _rests(what: str, queue_id: int) -> bool:
    return time.monotonic() < _resting.get((what, queue_id), 0.0)


def _rest(what: str, queue_id: int) -> None:
    _resting[what, queue_id] = time.monotonic() + REST
