"""What becomes of a suggestion whose join was undone? It waits again, as if nobody had decided on it."""

from __future__ import annotations

from collections.abc import Sequence

from customers.models import Customer, Link, MatchSuggestion


def open_again(revoked: Sequence[Link], parts: Sequence[Sequence[Customer]]) -> None:
    """Opens what these links accepted, where the pair is in two pieces now; needs the locks of a split."""
    piece = {member.pk: number for number, part in enumerate(parts) for member in part}
    cut = (link for link in revoked if link.accepts_a_suggestion and piece.get(link.a_id) != piece.get(link.b_id))
    named = [link.evidence["suggestion"] for link in cut if link.evidence.get("suggestion")]
    accepted = MatchSuggestion.objects.filter(public_id__in=named, status=MatchSuggestion.Status.ACCEPTED)
    accepted.update(status=MatchSuggestion.Status.OPEN, decided_by="", decided_at=None, snoozed_until=None)
