"""How is a signal sent to processes that come and go by themselves?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from contextlib import suppress


def send_to_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Each is sent the signal; who has ended since it was looked up (a backend of Postgres may) is passed over.

    One that is missing must not keep it from the rest: half a server killed or left standing spoils the tests after it.
    """
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
