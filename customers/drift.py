"""Do the customers' roots follow from their links, and does what is shown hang on roots? Drift must be none (ID-I2)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Q

from customers import attributes, clusters, merge_sql
from customers.models import Attribute, Customer, Link


def check(*, repair: bool = False) -> list[int]:
    """The customers whose root is not what their links say; `repair` puts them right. Empty is well.

    And those that show something though they are no roots.
    """
    drifted = set(Attribute.objects.exclude(root__root_id=F("root_id")).values_list("root_id", flat=True))
    if repair and drifted:
        _recompute(set(Customer.objects.filter(pk__in=drifted).values_list("root_id", flat=True)), gone=drifted)
    members = {row.pk: row for row in Customer.objects.filter(_linked() | ~Q(root_id=F("id")))}
    pairs = list(Link.objects.live().values_list("a_id", "b_id"))
    for piece in clusters.pieces(list(members.values()), pairs):
        root = clusters.survivor(piece)
        wrong = [member.pk for member in piece if member.root_id != root.pk]
        drifted |= set(wrong)
        if repair and wrong:
            _repair([member.pk for member in piece], root.pk)
    return sorted(drifted)


@transaction.atomic
def _repair(piece: list[int], root_id: int) -> None:
    Customer.objects.filter(pk__in=piece).update(root_id=root_id)
    _recompute({root_id}, gone=set(piece) - {root_id})


@transaction.atomic
def _recompute(roots: set[int], gone: set[int]) -> None:
    merge_sql.forget(gone - roots)
    merge_sql.tell_kinds(roots)
    attributes.resolve_all(merge_sql.keys_of(sorted(roots)))


def _linked() -> Q:
    live = Link.objects.live()
    return Q(pk__in=live.values("a_id")) | Q(pk__in=live.values("b_id"))
