"""Was this request answered before? The effect and its answer commit together: one key, one effect, one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from common.problems import Problem
from customers.models import IdempotentAnswer

LONGEST = 255  # characters of a key


class KeyMissing(Problem):
    code = "idempotency_key_missing"
    title = "This request creates or sends something: give it an Idempotency-Key header."
    status = 400


class KeyTooLong(Problem):
    code = "idempotency_key_too_long"
    title = "An Idempotency-Key has up to 255 characters."
    status = 400


class KeyReused(Problem):
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used with another body."
    status = 422


class InFlight(Problem):
    code = "idempotency_in_flight"
    title = "The first request with this Idempotency-Key is still being answered."
    status = 409


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and JSON body; `is_replay` when it was given before."""

    status: int
    body: Any
    is_replay: bool = False


def answer_once(*, actor: str, key: str, body: bytes, act: Callable[[], Answer]) -> Answer:
    """Acts in one transaction with the stored answer; a repetition gets the stored answer and has no effect.

    Keys belong to the actor. A refusal (`Problem`) rolls back and is not stored, so that the request can be mended.
    """
    if not key:
        raise KeyMissing()
    if len(key) > LONGEST:
        raise KeyTooLong()
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        if not _alone(actor, key):
            raise InFlight()
        known = IdempotentAnswer.objects.filter(actor=actor, key=key).first()
        if known is None:
            answer = act()
            IdempotentAnswer.objects.create(
                actor=actor, key=key, body_digest=digest, state="done", status=answer.status, answer=answer.body
            )
            return answer
    if known.body_digest != digest:
        raise KeyReused()
    return Answer(known.status or 200, known.answer, is_replay=True)


def _alone(actor: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 11))", [f"{actor}\x1f{key}"])
        return bool(cursor.fetchone()[0])
