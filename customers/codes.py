"""Can this person read what is sent to that address? One-time codes: sent there, typed in the session that asked.

Problem
+-- TooMany       429 too_many       of `verification`: three an hour for an address, a session and a place
+-- CodeWrong     422 code_wrong     not this code, or none is open here
+-- CodeExpired   422 code_expired   it was sent more than ten minutes ago
+-- CodeLocked    422 code_locked    five wrong tries
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from common import clock
from common.crypto import blind, blind_all
from common.problems import Problem
from customers import audit, merging, proving, verification
from customers.handles import Named
from customers.models import Challenge, Customer, Identity
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
    challenge: Challenge
    known: Identity | None  # whose address it is in truth: what is sent goes to what that row says


@dataclass(frozen=True, slots=True)
class Place:
    """An address on one of our channels."""

    identity: Identity
    channel: str


@transaction.atomic
def send_code(
    *,
    namespace: str,
    raw: str,
    session_ref: str,
    purpose: str,
    scope: str = "",
    ip: str = "",
    asked_at: Place | None = None,
    sent_over: Place | None = None,
) -> Issued:
    """Makes a code for an address; the caller sends it there, and says the same whether somebody has it or not.

    A new code kills the one before it. `asked_at` is the endpoint that wants to know, `sent_over` the address as that
    person named it and the channel that the code takes. `NoAddress`, `TooMany`.
    """
    one, now = proving.named(namespace=namespace, raw=raw, scope=scope), clock.now()
    if one is None:
        raise NoAddress()
    target, place = _target(one), blind("ip", value=ip) if ip else ""
    known = proving.stored(one, now)
    _limit(target, session_ref, place, now, theirs=_theirs(known, asked_at))
    public_id = uuid4()
    code = _spoken(public_id)[0]
    open_here = Challenge.objects.filter(kind=Challenge.Kind.CODE, used_at__isnull=True)
    open_here.filter(session_ref=session_ref, purpose=purpose).update(used_at=now, outcome="replaced")
    challenge = Challenge.objects.create(
        public_id=public_id,
        kind=Challenge.Kind.CODE,
        digest=_digest(code, one, session_ref, purpose),
        purpose=purpose,
        target=target,
        session_ref=session_ref,
        ip=place,
        created_at=now,
        expires_at=now + LIFE,
        **_places(asked_at, sent_over),
    )
    address = known[0].raw if known else one.key.value
    return Issued(code, address, one.key.namespace.value, now + LIFE, challenge, next(iter(known), None))


def code_of(challenge: Challenge) -> str:
    """The code of a row, for whoever sends it now; '' when it is dead. It is stored nowhere: our key says it anew."""
    if challenge.used_at is not None or challenge.expires_at <= clock.now():
        return ""
    row = (challenge.purpose, challenge.session_ref, challenge.target)
    said = _spoken(challenge.public_id)
    return next((code for code in said if challenge.digest in blind_all("code", *row, value=code)), "")


def open_at(*, endpoint: Identity, channel: str, purpose: str) -> Challenge | None:
    """The code that this endpoint has asked for last and that is neither used nor replaced; it may be too old."""
    rows = Challenge.objects.filter(kind=Challenge.Kind.CODE, used_at__isnull=True, opener=endpoint, purpose=purpose)
    return rows.filter(opener_channel=channel).select_related("arrival").order_by("-pk").first()


def check_code(
    *, namespace: str, raw: str, session_ref: str, purpose: str, code: str, home: Customer, scope: str = "", actor: str
) -> Proved:
    """The code as the person typed it, in the session that asked; proves the address for `home`, or raises.

    A wrong try is counted whatever becomes of the request, and every failure is in the audit.
    """
    one = proving.named(namespace=namespace, raw=raw, scope=scope)
    if one is None:
        raise NoAddress()
    done = merging.undisturbed(lambda: _redeem(one, session_ref, purpose, code, home, actor))
    if isinstance(done, Problem):
        raise done
    return done


def _redeem(one: Named, session_ref: str, purpose: str, code: str, home: Customer, actor: str) -> Proved | Problem:
    """Judged and counted under one lock; a failure is returned, not raised, so that its count is committed."""
    row = _open(one, session_ref, purpose)
    problem = _judged(row, code, one, session_ref, purpose)
    if problem is not None:
        _count(row, problem, actor)
        return problem
    assert row is not None
    row.used_at, row.outcome = clock.now(), "proven"
    row.save(update_fields=["used_at", "outcome"])
    _kill_others(one, row)
    done = proving.by_code(home=home, one=one, at=clock.now(), actor=actor)
    audit.record(actor=actor, action=f"identity.code.{done.outcome}", object_id=str(row.public_id))
    return done


def _kill_others(one: Named, row: Challenge) -> None:
    """Who else has had a code sent there had hoped that the owner would read it out to them."""
    others = Challenge.objects.filter(kind=Challenge.Kind.CODE, used_at__isnull=True, target__in=_targets(one))
    others.exclude(session_ref=row.session_ref).update(used_at=row.used_at, outcome="proven_elsewhere")


def _judged(row: Challenge | None, code: str, one: Named, session_ref: str, purpose: str) -> Problem | None:
    """What is wrong with this code for the row that is open here."""
    if row is None:
        return CodeWrong()
    if row.tries >= TRIES:
        return CodeLocked()
    if row.expires_at <= clock.now():
        return CodeExpired()
    said = _digests(code, one, session_ref, purpose)
    return None if any(hmac.compare_digest(row.digest, digest) for digest in said) else CodeWrong()


def _count(row: Challenge | None, problem: Problem, actor: str) -> None:
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


def _spoken(public_id: UUID) -> list[str]:
    """Six digits out of a random number and a key of ours, unpredictable without both; the key in force first."""
    digests = [hashlib.sha256(sealed.encode()).digest() for sealed in blind_all("one-time code", value=public_id.hex)]
    return [f"{int.from_bytes(digest) % 10**DIGITS:0{DIGITS}}" for digest in digests]


def _places(asked_at: Place | None, sent_over: Place | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if asked_at is not None:
        found |= {"opener": asked_at.identity, "opener_channel": asked_at.channel}
    if sent_over is not None:
        found |= {"arrival": sent_over.identity, "arrival_channel": sent_over.channel}
    return found


def _theirs(known: Sequence[Identity], asked_at: Place | None) -> Q:
    """What the owner of the address has asked for, if it is they who ask, from another address that is theirs.

    Strangers who have codes sent to somebody do not use up what that person may ask for.
    """
    roots = {row.customer.root_id for row in known}
    if asked_at is None or asked_at.identity.customer.root_id not in roots:
        return Q()
    return Q(opener__customer__root_id__in=roots)


def _limit(target: str, session_ref: str, place: str, now: datetime, *, theirs: Q) -> None:
    """Known or not, the limit is the same; each of the three counts by itself."""
    verification.alone(target, session_ref, place)
    sent = Challenge.objects.filter(kind=Challenge.Kind.CODE, created_at__gt=now - HOUR)
    for which in (Q(target=target) & theirs, Q(session_ref=session_ref), Q(ip=place) if place else None):
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
