"""How are customers parted that were joined? By undoing links; the pieces are shown before anybody decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from common.ids import uuid7
from customers import (
    attribute_showing,
    audit,
    definitions,
    dossier,
    handing,
    merging,
    naming,
    pages,
    pages_words,
    previews,
)
from customers.handing import Handed, Later
from customers.models import Customer, Identity, Link
from customers.previews import Piece

LINKS_MAX = 200


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The live links to choose from (`link`), and the pieces that would be left; a POST parts them."""
    pages.needs(request, pages.VIEW, pages.SPLIT)
    root = pages.person(public_id).root
    live = list(Link.objects.live().of_cluster(root.pk).select_related("a", "b").order_by("-decided_at")[:LINKS_MAX])
    given = request.POST if request.method == "POST" else request.GET
    wanted = set(given.getlist("link"))
    chosen = [link for link in live if str(link.public_id) in wanted]
    if request.method == "POST" and wanted and len(chosen) == len(wanted):
        return _part(request, root, chosen)
    if request.method == "POST":
        messages.warning(request, "These links are not what they were; choose again.")
    return _shown(request, root, live, chosen)


def _part(request: HttpRequest, root: Customer, chosen: Sequence[Link]) -> HttpResponse:
    who, reason = pages.actor(request), request.POST.get("reason", "").strip()[:200]
    pieces = previews.preview_split(chosen)
    handed = _handed(request, handing.since(chosen, _members(pieces)), pieces)
    event = merging.split(
        links=chosen,
        actor=who,
        request_id=f"admin:{request.user.pk}:{request.POST.get('once', '')[:36] or uuid7()}",
        reason=reason,
        stay_apart=request.POST.get("apart") == "on",
        handed=handed,
    )
    audit.record(
        actor=who, action="customer.split", object_id=str(root.public_id), rows=len(chosen), reason=reason[:200]
    )
    parts = len(event.root_after)
    messages.success(request, f"They are {parts} customers now." if parts > 1 else "Other links still join them.")
    return pages.to_person(root)


def _shown(request: HttpRequest, root: Customer, live: Sequence[Link], chosen: Sequence[Link]) -> HttpResponse:
    called = pages.names(link.decided_by for link in live)
    ends = naming.ends(end for link in live for end in (link.a_id, link.b_id))
    links = [
        {
            "row": link,
            "ends": [ends.get(end.pk, str(end.public_id)) for end in (link.a, link.b)],
            "rule": pages_words.rule(link.rule),
            "evidence": pages_words.evidence(link.evidence),
            "by": called[link.decided_by],
            "is_chosen": link in chosen,
        }
        for link in live
    ]
    pieces = previews.preview_split(chosen) if chosen else []
    later = handing.since(chosen, _members(pieces)) if len(pieces) > 1 else []
    return pages.show(
        request,
        "split",
        "Split",
        root=root,
        links=links,
        pieces=[_piece(number, piece) for number, piece in enumerate(pieces, 1)],
        later=[_later(one) for one in later],
        chosen=chosen,
        once=uuid7(),
    )


def _members(pieces: Sequence[Piece]) -> list[Customer]:
    """The origins of the piece that keeps the id: what was added to the person as they were shown is on those."""
    return [member for piece in pieces if piece.keeps for member in piece.members]


def _handed(request: HttpRequest, later: Sequence[Later], pieces: Sequence[Piece]) -> list[Handed]:
    """What goes to another piece; a row or a piece that is none of these is not taken."""
    heads = {str(head.public_id): head for piece in pieces if not piece.keeps for head in [piece.head]}
    wanted = [(one.row, heads.get(request.POST.get(f"hand-{one.row.public_id}", ""))) for one in later]
    return [Handed(row, head) for row, head in wanted if head is not None]


def _later(one: Later) -> dict[str, Any]:
    row = one.row
    if isinstance(row, Identity):
        name, value = pages_words.kind(row.namespace), pages_words.address(row)
    else:
        name = dossier.label(row.key)
        value = attribute_showing.said(definitions.of(row.key), row.value, reveals=False)
    return {"row": row, "name": name, "value": value, "at": one.at}


def _piece(number: int, piece: Piece) -> dict[str, Any]:
    held = pages_words.addresses(piece.identities)
    shown = {"members": piece.members, "identities": held, "counts": piece.counts, "keeps": piece.keeps}
    return {**shown, "number": number, "head": piece.head}
