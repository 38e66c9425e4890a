"""Does this person hold what they say they hold? One-time links between two channels, confirmed on both.

open_nonce     the person asks, where they are, for a way to another channel
arrive         the code turned up on another channel: nothing is linked by that
confirm        one side says yes; with the second yes the two are one customer
refuse         one side says no, and the code is dead

Problem
+-- TooMany     429 too_many     this session, or this place, has asked too often within the hour
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import Q

from common import clock
from common.crypto import blind, blind_all
from common.problems import Problem
from customers import audit, conflicts, merging, sql
from customers.models import Challenge, Conflict, Identity, Link

LIFE = timedelta(minutes=10)
HOUR = timedelta(hours=1)
PER_HOUR = 10  # links that one session, or one address on the net, may ask for
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs that nobody mistakes for each other
LENGTH = 16  # 80 bits, single use, ten minutes, and worth nothing without a yes on both sides
SWITCH = "switch"
Side = Literal["opener", "arrival"]


class TooMany(Problem):
    code, title, status = "too_many", "That was asked for too often; please try again later.", 429


@dataclass(frozen=True, slots=True)
class Nonce:
    """A code that was just made, in clear text for this once, and its row."""

    code: str
    challenge: Challenge


@transaction.atomic
def open_nonce(*, opener: Identity, channel: str, session_ref: str, ip: str = "", purpose: str = SWITCH) -> Nonce:
    """A code that leads to the opener's person from another channel; `TooMany` beyond ten an hour."""
    now, place = clock.now(), blind("ip", value=ip) if ip else ""
    alone(session_ref, place)
    recent = Challenge.objects.filter(kind=Challenge.Kind.LINK, created_at__gt=now - HOUR)
    who = Q(session_ref=session_ref) | (Q(ip=place) if place else Q())
    if recent.filter(who).count() >= PER_HOUR:
        raise TooMany()
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    challenge = Challenge.objects.create(
        kind=Challenge.Kind.LINK,
        digest=blind("nonce", value=code),
        purpose=purpose,
        session_ref=session_ref,
        ip=place,
        opener=opener,
        opener_channel=channel,
        created_at=now,
        expires_at=now + LIFE,
    )
    return Nonce(code, challenge)


def alone(*counted: str) -> None:
    """Until the transaction ends nobody else counts what was asked for by one of these: an address, session, place."""
    sql.lock_keys(sorted({f"challenge\x1f{one}" for one in counted if one}))


def plain(code: str) -> str:
    """A code as it was made: people type it in small letters, with hyphens and blanks."""
    return "".join(sign for sign in code.upper() if sign in ALPHABET)


@transaction.atomic
def arrive(
    *, code: str, arrival: Identity, channel: str, is_proven: bool = False, at: datetime | None = None
) -> Challenge | None:
    """The code was used at `arrival`: its row, or None for an unknown, dead, stale or already taken one.

    The first address it is used at, over that channel, has it; `is_proven`: that very message proves the address.
    Used by the person themselves on the channel where it was made, it is None.
    """
    digests = blind_all("nonce", value=plain(code))
    rows = Challenge.objects.select_for_update(no_key=True, of=("self",)).select_related("opener__customer")
    found = rows.filter(kind=Challenge.Kind.LINK, digest__in=digests, used_at__isnull=True).first()
    if found is None or found.expires_at <= (at or clock.now()):
        return None
    if found.opener is None or found.opener.head_id == arrival.head_id:
        return None
    if found.arrival_id is not None and (found.arrival_id, found.arrival_channel) != (arrival.head_id, channel):
        return None
    if found.arrival_id is None:
        found.arrival_id, found.arrival_channel, found.arrived_at = arrival.head_id, channel, clock.now()
        found.arrival_proven = is_proven
        found.save(update_fields=["arrival", "arrival_channel", "arrived_at", "arrival_proven"])
    return found


def vouch(*, challenge: Challenge) -> None:
    """Who writes at the far side has read there what we wrote."""
    Challenge.objects.filter(pk=challenge.pk).update(arrival_proven=True)


def confirm(*, challenge: Challenge, side: Side, actor: str) -> merging.Merged | None:
    """One side says yes, at most ten minutes after the code was made; the result once both have, None before.

    A problem of `merging` if the two cannot be one: the code is dead then, and people find a conflict to look at.
    """
    try:
        return merging.undisturbed(lambda: _confirm(challenge, side, actor))
    except Problem as problem:
        with transaction.atomic():
            if (row := _open(challenge)) is not None:
                _close(row, problem.code)
                _note(row)
        raise


def _confirm(challenge: Challenge, side: Side, actor: str) -> merging.Merged | None:
    row = _open(challenge)
    if row is None or row.arrival is None:
        return None
    said = f"{side}_said_yes_at"
    setattr(row, said, clock.now())
    row.save(update_fields=[said])
    if row.opener_said_yes_at is None or row.arrival_said_yes_at is None:
        return None
    assert row.opener is not None
    _close(row, "linked")
    audit.record(actor=actor, action="identity.linked", object_id=str(row.public_id))
    return merging.merge(
        a=row.opener.customer,
        b=row.arrival.customer,
        kind=Link.Kind.VERIFIED,
        rule="confirmed_link",
        actor=actor,
        request_id=f"challenge:{row.public_id}",
        evidence={"challenge": str(row.public_id), "identities": sorted((row.opener_id or 0, row.arrival_id or 0))},
    )


def _note(row: Challenge) -> None:
    assert row.opener is not None and row.arrival is not None
    conflicts.note(
        customer_id=row.arrival.customer_id,
        kind=Conflict.Kind.EXCLUSIVE_CLASH,
        subject=f"link:{row.public_id}",
        candidates=[str(row.opener.customer.public_id), str(row.arrival.customer.public_id)],
    )


@transaction.atomic
def refuse(*, challenge: Challenge, side: Side) -> None:
    """One side says no: the code is dead, nothing is linked."""
    if (row := _open(challenge)) is not None:
        _close(row, f"refused_{side}")


def waiting_at(*, identity: Identity, side: Side) -> Challenge | None:
    """The newest link that waits for this address's yes or no; for the opener only once somebody has arrived."""
    now = clock.now()
    rows = Challenge.objects.filter(kind=Challenge.Kind.LINK, used_at__isnull=True, expires_at__gt=now)
    rows = rows.filter(arrival__isnull=False, **{f"{side}_id": identity.head_id, f"{side}_said_yes_at": None})
    return rows.select_related("opener__customer", "arrival__customer").order_by("-arrived_at").first()


def _open(challenge: Challenge) -> Challenge | None:
    rows = Challenge.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "opener__customer", "arrival__customer"
    )
    row = rows.filter(pk=challenge.pk, used_at__isnull=True).first()
    return row if row is not None and row.expires_at > clock.now() else None


def _close(row: Challenge, outcome: str) -> None:
    row.used_at, row.outcome = clock.now(), outcome
    row.save(update_fields=["used_at", "outcome"])
