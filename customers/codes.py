"""Can this person read what is sent to that address? One-time codes: sent there, typed in the session that asked.

Problem
+-- TooMany       429 too_many       of `verification`: three an hour for an address, a session and a place
+-- CodeWrong     422 code_wrong     not this code, or none is open here
+-- CodeExpired   422 code_expired   it was sent more than ten minutes ago
+-- CodeLocked    422 code_locked    five wrong tries
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from common import clock
from common.crypto import blind, blind_all
from common.problems import Problem
from customers import audit, merging, proving
from customers.handles import Named
from customers.models import Challenge, Customer
from customers.proving import Proved
from customers.verification import HOUR, TooMany

LIFE = timedelta(minutes=10)
DIGITS = 6
TRIES = 5
SENDS = 3


class NoAddress(Problem):
    code, title, status = "not_an_address", "A code cannot be sent to this.", 422


class CodeWrong(Problem):
    code, title, status = "code_wrong", "That is not the code.", 422


class CodeExpired(Problem):
    code, title, status = "code_expired", "This code has expired; ask for a new one.", 422


class CodeLocked(Problem):
    code, title, status = "code_locked", "Too many wrong codes; ask for a new one.", 422


@dataclass(frozen=True, slots=True)
class Issued:
    """A code in clear text, for this once, and where it goes: the stored form of the address if we know it."""

    code: str
    address: str
    namespace: str
    expires_at: datetime


@transaction.atomic
def send_code(*, namespace: str, raw: str, session_ref: str, purpose: str, scope: str = "", ip: str = "") -> Issued:
    """Makes a code for an address; the caller sends it there, and says the same whether somebody has it or not.

    A new code kills the one before it. `NoAddress`, `TooMany`.
    """
    one, now = proving.named(namespace=namespace, raw=raw, scope=scope), clock.now()
    if one is None:
        raise NoAddress()
    target, place = _target(one), blind("ip", value=ip) if ip else ""
    _limit(target, session_ref, place, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    open_here = Challenge.objects.filter(kind=Challenge.Kind.CODE, used_at__isnull=True)
    open_here.filter(session_ref=session_ref, purpose=purpose).update(used_at=now, outcome="replaced")
    Challenge.objects.create(
        kind=Challenge.Kind.CODE,
        digest=_digest(code, one, session_ref, purpose),
        purpose=purpose,
        target=target,
        session_ref=session_ref,
        ip=place,
        created_at=now,
        expires_at=now + LIFE,
    )
    known = proving.stored(one, now)
    return Issued(code, known[0].raw if known else one.key.value, one.key.namespace.value, now + LIFE)


def check_code(
    *, namespace: str, raw: str, session_ref: str, purpose: str, code: str, home: Customer, scope: str = "", actor: str
) -> Proved:
    """The code as the person typed it, in the session that asked; proves the address for `home`, or raises.

    A wrong try is counted whatever becomes of the request, and every failure is in the audit.
    """
    one = proving.named(namespace=namespace, raw=raw, scope=scope)
    if one is None:
        raise NoAddress()
    try:
        return merging.undisturbed(lambda: _redeem(one, session_ref, purpose, code, home, actor))
    except (CodeWrong, CodeExpired, CodeLocked) as problem:
        _count(one, session_ref, purpose, problem, actor)
        raise


def _redeem(one: Named, session_ref: str, purpose: str, code: str, home: Customer, actor: str) -> Proved:
    row = _open(one, session_ref, purpose)
    if row is None:
        raise CodeWrong()
    if row.tries >= TRIES:
        raise CodeLocked()
    if row.expires_at <= clock.now():
        raise CodeExpired()
    if not any(hmac.compare_digest(row.digest, digest) for digest in _digests(code, one, session_ref, purpose)):
        raise CodeWrong()
    row.used_at, row.outcome = clock.now(), "proven"
    row.save(update_fields=["used_at", "outcome"])
    done = proving.by_code(home=home, one=one, at=clock.now(), actor=actor)
    audit.record(actor=actor, action=f"identity.code.{done.outcome}", object_id=str(row.public_id))
    return done


@transaction.atomic
def _count(one: Named, session_ref: str, purpose: str, problem: Problem, actor: str) -> None:
    row = _open(one, session_ref, purpose)
    if row is not None:
        row.tries += 1
        row.save(update_fields=["tries"])
    audit.record(actor=actor, action=f"identity.{problem.code}", object_id=str(row.public_id) if row else "")


def _open(one: Named, session_ref: str, purpose: str) -> Challenge | None:
    rows = Challenge.objects.select_for_update(no_key=True).filter(
        kind=Challenge.Kind.CODE,
        used_at__isnull=True,
        session_ref=session_ref,
        purpose=purpose,
        target__in=_targets(one),
    )
    return rows.order_by("-pk").first()


def _limit(target: str, session_ref: str, place: str, now: datetime) -> None:
    """Known or not, the limit is the same; each of the three counts by itself."""
    sent = Challenge.objects.filter(kind=Challenge.Kind.CODE, created_at__gt=now - HOUR)
    for which in (Q(target=target), Q(session_ref=session_ref), Q(ip=place) if place else None):
        if which is not None and sent.filter(which).count() >= SENDS:
            raise TooMany()


def _target(one: Named) -> str:
    return blind("code_target", one.key.namespace, one.key.scope, value=one.key.value)


def _targets(one: Named) -> list[str]:
    return blind_all("code_target", one.key.namespace, one.key.scope, value=one.key.value)


def _digest(code: str, one: Named, session_ref: str, purpose: str) -> str:
    return blind("code", purpose, session_ref, _target(one), value=code)


def _digests(code: str, one: Named, session_ref: str, purpose: str) -> list[str]:
    plain = "".join(sign for sign in code if sign.isdecimal())
    return [
        digest for target in _targets(one) for digest in blind_all("code", purpose, session_ref, target, value=plain)
    ]
