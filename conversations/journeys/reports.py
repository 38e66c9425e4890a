"""What does a job's report say, is it really the job's, and does it count?

Problem
+-- Unsigned     401 report_unsigned   no signature of this task's secret, or one of another time
+-- Gone         410 erased            it was the task's, and its customer was erased
+-- TooLarge     413 report_too_large
+-- Malformed    400 report_invalid    `errors` say where
+-- Conflict     409 report_conflict   another report has come under this `seq`; the first is kept

Whoever cannot sign learns nothing, not even whether there is such a task.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import transaction

from common import clock, plain_json
from common.problems import Problem
from conversations.journeys import callbacks, held_tasks, remote
from conversations.journeys.definition import canonical
from conversations.models import RemoteTask

log = logging.getLogger(__name__)

LARGEST = 65_536  # bytes of a report
TOLERANCE = timedelta(minutes=5)
SEQ_MOST = 2**53 - 1  # what every JSON reader can hold
TEXT_MOST, NUMBER_MOST = 500, 1_000_000
STATES = ("queued", "running", "done", "failed", "cancelled")
ENDS = {"done": RemoteTask.State.DONE, "failed": RemoteTask.State.FAILED, "cancelled": RemoteTask.State.CANCELLED}

Verdict = Literal["applied", "repeated", "late"]


class Unsigned(Problem):
    code, title, status = "report_unsigned", "The signature is missing, wrong, or of another time.", 401


class Gone(Problem):
    code, title, status = "erased", "There is nobody any more whom this report is about. Stop reporting.", 410


class TooLarge(Problem):
    code, title, status = "report_too_large", f"A report has at most {LARGEST} bytes.", 413


class Malformed(Problem):
    code, title, status = "report_invalid", "The report cannot be read.", 400


class Conflict(Problem):
    code, title, status = "report_conflict", "Another report was sent with this seq before; that one is kept.", 409


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it was read; `kept` is what is stored of it."""

    seq: int
    state: str
    kept: dict[str, Any]

    @property
    def digest(self) -> str:
        """Equal for the same report written another way."""
        return hashlib.sha256(canonical(self.kept).encode()).hexdigest()


def verify(*, public_id: UUID, timestamp: str, signature: str, raw: bytes, now: datetime) -> None:
    """`Unsigned` unless this task's secret signed these bytes within five minutes; compared in constant time."""
    given = signature.encode("utf-8", "replace")
    signed = [callbacks.sign(key, timestamp, raw).encode() for key in callbacks.secrets(public_id)]
    matches = [hmac.compare_digest(one, given) for one in signed]
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    if not any(matches) or not is_number or abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise Unsigned


def take(*, public_id: UUID, timestamp: str, signature: str, raw: bytes) -> Verdict:
    """Stores a report that counts, and has it told; anything else changes nothing. Raises the problems above."""
    now = clock.now()
    verify(public_id=public_id, timestamp=timestamp, signature=signature, raw=raw, now=now)
    report = read(raw)
    with transaction.atomic():
        task = RemoteTask.objects.select_for_update(no_key=True).filter(public_id=public_id).first()
        if task is None or task.reason == held_tasks.ERASED:
            raise Gone
        return _apply(task, report, now)


def _apply(task: RemoteTask, report: Report, now: datetime) -> Verdict:
    if report.seq == task.last_event_seq:
        if report.digest == task.last_digest:
            return "repeated"
        log.warning("task %s: another report under seq %s; the first is kept", task.public_id, report.seq)
        raise Conflict
    if report.seq < task.last_event_seq or not task.is_open:
        return "late"
    task.last_event_seq, task.last_digest = report.seq, report.digest
    task.report, task.reported_at = report.kept, now
    task.state = RemoteTask.State.QUEUED if report.state == "queued" else RemoteTask.State.RUNNING
    task.save(update_fields=["last_event_seq", "last_digest", "report", "reported_at", "state"])
    if report.state in ENDS:
        remote.end(task, ENDS[report.state], now)
    else:
        remote.tell(task, now)
    return "applied"


# --- reading ----------------------------------------------------------------------------------------------------------


def read(raw: bytes) -> Report:
    """The report that these bytes hold; `TooLarge` or `Malformed` with `errors` of pointer and words. Unknown keys are
    left out: a job may say more than we understand."""
    if len(raw) > LARGEST:
        raise TooLarge
    try:
        body = plain_json.read(raw)
    except ValueError as error:
        raise Malformed("The body is no JSON that can be kept.") from error
    if not isinstance(body, dict):
        raise Malformed("The body must be a JSON object.")
    errors = [{"pointer": f"/{name}", "detail": words} for name, words in _complaints(body)]
    if errors:
        raise Malformed(f"{errors[0]['pointer'][1:]}: {errors[0]['detail']}", errors=errors)
    names = ("seq", "state", "step", "total", "text", "data", "occurred_at")
    kept = {name: body[name] for name in names if body.get(name) is not None}
    return Report(body["seq"], body["state"], kept)


def _complaints(body: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if not _is_whole(body.get("seq"), 1, SEQ_MOST):
        found.append(("seq", "a whole number from 1, larger with each report"))
    if body.get("state") not in STATES:
        found.append(("state", f"one of {', '.join(STATES)}"))
    for name in ("step", "total"):
        if body.get(name) is not None and not _is_whole(body[name], 0, NUMBER_MOST):
            found.append((name, f"a whole number up to {NUMBER_MOST}"))
    text = body.get("text")
    if text is not None and (not isinstance(text, str) or len(text) > TEXT_MOST):
        found.append(("text", f"at most {TEXT_MOST} characters"))
    if body.get("data") is not None and not isinstance(body["data"], dict):
        found.append(("data", "an object"))
    if body.get("occurred_at") is not None and not _is_moment(body["occurred_at"]):
        found.append(("occurred_at", "a moment with its offset, as 2026-11-21T12:30:00Z"))
    return found


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
