"""Which two customers has somebody said are not one person? No rule joins them; only a person's reason does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from customers import audit, clusters, reconsidering
from customers.clusters import Pair, ordered
from customers.models import Customer, Distinct, Link

OVERRULED = "overruled"


def say(*, one: Customer, other: Customer, by: str, reason: str = "") -> bool:
    """Marks two origins as two people; False, and nothing is written, if they are one person by now (ID-I3)."""

    def work() -> bool:
        roots = clusters.locked_roots(one.pk, other.pk)
        if roots[one.pk].pk == roots[other.pk].pk:
            return False
        low, high = ordered(one.pk, other.pk)
        Distinct.objects.get_or_create(a_id=low, b_id=high, defaults={"by": by, "reason": reason[:200]})
        return True

    return clusters.undisturbed(work)


def between(one_root: int, other_root: int) -> QuerySet[Distinct]:
    """What was said about any two origins of these clusters."""
    there = Q(a__root_id=one_root, b__root_id=other_root)
    return Distinct.objects.filter(there | Q(a__root_id=other_root, b__root_id=one_root))


def overrule(one_root: int, other_root: int) -> dict[str, list[Pair]]:
    """Withdraws it, for somebody knows better; what is returned goes into the link, so that its undoing restores it."""
    found = between(one_root, other_root)
    pairs = list(found.values_list("a_id", "b_id"))
    found.delete()
    return {OVERRULED: pairs}


def withdraw(*, one: Customer, other: Customer, by: str, reason: str) -> bool:
    """Somebody knows better than who said that these two are two people; audited. False if nobody had said it."""

    def work() -> bool:
        roots = clusters.locked_roots(one.pk, other.pk)
        is_said = bool(overrule(roots[one.pk].pk, roots[other.pk].pk)[OVERRULED])
        if is_said:
            audit.record(actor=by, action="distinct.withdraw", object_id=str(one.public_id), reason=reason)
        return is_said

    return clusters.undisturbed(work)


def keep(
    revoked: Sequence[Link], parts: Sequence[Sequence[Customer]], *, by: str, reason: str, stay_apart: bool
) -> None:
    """After a split: what a revoked link had overruled holds again, and its ends are two people if `stay_apart`.

    If not, it was only taken back: what it had accepted waits again.
    """
    pairs = {(a, b) for link in revoked for a, b in link.evidence.get(OVERRULED, ())}
    if stay_apart:
        pairs |= {ordered(link.a_id, link.b_id) for link in revoked}
    rows = [Distinct(a_id=a, b_id=b, by=by, reason=reason[:200]) for a, b in _apart(pairs, parts)]
    Distinct.objects.bulk_create(rows, ignore_conflicts=True)
    if not stay_apart:
        reconsidering.open_again(revoked, parts)


def _apart(pairs: Iterable[Pair], parts: Sequence[Sequence[Customer]]) -> list[Pair]:
    """Those whose ends are in different pieces now."""
    piece = {member.pk: number for number, part in enumerate(parts) for member in part}
    return sorted((a, b) for a, b in pairs if piece.get(a) != piece.get(b))
