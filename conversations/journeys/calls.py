"""What does another system answer when it is asked once? Through the safe client only; nothing here raises or waits
for a lock, and what is logged are keys, codes and times."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from common import addresses, safe_http
from common.addresses import LookUp
from conversations.journeys.effects import Request
from conversations.models import Connection

log = logging.getLogger(__name__)

MASK = "•••"
SECRET_LENGTH = 6  # characters; what is shorter is a word, and masking it would spoil answers
BLAMED = frozenset({"timeout", "unanswered"})  # errors that tell of the other system, not of one question


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: an HTTP status and its JSON, or no status and an `error` of `RequestResult`."""

    status: int = 0
    data: Any = None
    error: str = ""
    milliseconds: int = 0
    reason: str = ""  # in words, for whoever tests a connection; never an address or a value

    @property
    def is_failure(self) -> bool:
        """Does it speak against the other system's health?"""
        return self.error in BLAMED or self.status >= 500


def make(
    connection: Connection | None,
    request: Request,
    *,
    key: str,
    more: Mapping[str, str] | None = None,
    look_up: LookUp = addresses.look_up,
) -> Outcome:
    """Asks once and says what came of it; `key` is the Idempotency-Key, `more` what a job is told in headers.

    Not inside a transaction.
    """
    more = more or {}
    began = time.monotonic()
    if connection is None or not connection.is_enabled:
        return Outcome(error="disabled", reason="the connection is switched off")
    if request.method not in connection.methods:
        return Outcome(error="refused", reason=f"the connection does not allow {request.method}")
    secrets = _secrets({**connection.headers, **more})
    try:
        found = safe_http.send(
            request.method,
            connection.base_url,
            request.path,
            query=request.query,
            body=request.body,
            headers={**connection.headers, **more, "Idempotency-Key": key},
            ports=connection.ports,
            max_bytes=min(connection.max_bytes, safe_http.CALL_BYTES),
            seconds=min(float(connection.seconds), safe_http.CALL_SECONDS),
            look_up=look_up,
        )
        outcome = Outcome(found.status, _scrubbed(found.data, secrets), milliseconds=_since(began))
    except safe_http.FetchError as error:
        outcome = Outcome(error=error.code, milliseconds=_since(began), reason=str(error))
    said = outcome.error or str(outcome.status)
    log.info("asked %s: %s", connection.key, said, extra={"milliseconds": outcome.milliseconds, "reason": said})
    return outcome


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The header values and their words (`Bearer x` holds x): none of them may come back in an answer."""
    found = {part for value in headers.values() for part in (value, *value.split())}
    return tuple(sorted((part for part in found if len(part) >= SECRET_LENGTH), key=len, reverse=True))


def _scrubbed(data: Any, secrets: Collection[str]) -> Any:
    """A system that repeats what it was sent tells no journey our secret."""
    if isinstance(data, str):
        for secret in secrets:
            data = data.replace(secret, MASK)
        return data
    if isinstance(data, list):
        return [_scrubbed(part, secrets) for part in data]
    if isinstance(data, dict):
        return {_scrubbed(name, secrets): _scrubbed(part, secrets) for name, part in data.items()}
    return data
