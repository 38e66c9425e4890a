"""What becomes of a suggestion whose join was undone? It waits again, as if nobody had decided on it."""

from __future__ import annotations

from collections.abc import Sequence

from customers.models import Customer, Link, MatchSuggestion


def open_again(revoked: Sequence[Link], parts: Sequence[Sequence[Customer]]) -> None:
    """Opens what was accepted about pairs that are in two pieces now, by whatever way they had been joined; needs the
    locks of a split.
    """
    if not revoked:  # somebody else has undone the same links meanwhile
        return
    piece = {member.pk: number for number, part in enumerate(parts) for member in part}
    since = min(link.decided_at for link in revoked)
    accepted = MatchSuggestion.objects.filter(status=MatchSuggestion.Status.ACCEPTED, decided_at__gte=since)
    pairs = accepted.filter(a_id__in=piece, b_id__in=piece).values_list("pk", "a_id", "b_id")
    cut = [pk for pk, a, b in pairs if piece[a] != piece[b]]
    accepted.filter(pk__in=cut).update(
        status=MatchSuggestion.Status.OPEN, decided_by="", decided_at=None, snoozed_until=None
    )
