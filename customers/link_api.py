"""How does the API join and part customers? Previews, merges, splits and consent.

Who may what: agents read; `customers.merge_customer` joins, `undo_link` parts, `force_merge` overrides with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common.ids import uuid7
from common.pages import CursorPages
from common.problems import Unknown
from common.refusing import refuses
from customers import attribute_types, audit, consent, handing, merging, previews, tombstones
from customers.api import MayRead, actor
from customers.handing import Handed, Later
from customers.idempotency import Answer, answer_once
from customers.link_shapes import (
    ConsentSerializer,
    DecisionSerializer,
    LinkSerializer,
    PairSerializer,
    PartingSerializer,
    PieceSerializer,
    PreviewSerializer,
)
from customers.models import Consent, Customer, Identity, Link

# What forbids to join two people.
JOINING = (merging.Gone, merging.DistinctPair, merging.Clash, merging.CapReached)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="Up to 255 characters; a repetition with the same body gets the first answer and changes nothing.",
)  # fmt: skip
MERGE, SPLIT, FORCE = "customers.merge_customer", "customers.undo_link", "customers.force_merge"


class MayJoin(BasePermission):
    """Reading takes the view permission; what else is done, one that the view names in `needs`, or nobody may."""

    READS = (None, "metadata", "list", "retrieve")  # None: a method that the address does not take

    def has_permission(self, request: Request, view: Any) -> bool:
        needed = "customers.view_customer" if view.action in self.READS else getattr(view, "needs", {}).get(view.action)
        return bool(needed and request.user and request.user.has_perm(needed))


class Newest(CursorPages):
    ordering: tuple[str, ...] = ("-id",)
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200


class Links(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Link]):
    """Which customers were joined, and why; joining and parting them."""

    queryset = Link.objects.select_related("a", "b")
    permission_classes = (MayJoin,)
    pagination_class = Newest
    serializer_class = LinkSerializer
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    known_parameters = ("customer",)
    needs = {"merge": MERGE, "split": SPLIT, "preview": MERGE, "preview_split": SPLIT}

    def get_queryset(self) -> QuerySet[Link]:
        wanted = self.request.query_params.get("customer", "")
        rows = super().get_queryset()
        return rows.filter(a__root_id=origin_of(wanted).root_id) if wanted else rows

    @extend_schema(parameters=[OpenApiParameter("customer", UUID, description="Any id the person ever had.")])
    @refuses(Unknown, tombstones.Erased)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=PairSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    @refuses(Unknown, tombstones.Erased)
    def preview(self, request: Request) -> Response:
        """What a merge would do: both sides, what would hold, what forbids it. Writes nothing."""
        given = valid(PairSerializer, request)
        seen = previews.preview(origin_of(given["left"]), origin_of(given["right"]))
        reveals = request.user.has_perm("customers.reveal_identity")
        return Response(PreviewSerializer(seen, context={"reveals": reveals}).data)

    @extend_schema(request=DecisionSerializer, responses=LinkSerializer, parameters=[IDEMPOTENCY_KEY])
    @action(detail=False, methods=["post"])
    @refuses(Unknown, *JOINING, merging.StalePreview, attribute_types.Refused, tombstones.Erased)
    def merge(self, request: Request) -> Response:
        """Joins two customers, as previewed (`stamp`); `choices` are values that you have verified."""
        given = valid(DecisionSerializer, request)
        if given["force"] and not request.user.has_perm(FORCE):
            self.permission_denied(request, message="Overriding what forbids a merge takes its own permission.")
        return once(request, lambda: self._merged(request, given))

    @extend_schema(request=PartingSerializer, responses=PieceSerializer(many=True))
    @action(detail=False, methods=["post"], url_path="preview-split")
    def preview_split(self, request: Request) -> Response:
        """Which customers would be left if these links were undone, and what could be handed over. Writes nothing."""
        links = self._links(valid(PartingSerializer, request)["links"])
        pieces = previews.preview_split(links)
        return Response(_pieces(pieces, _later(links, pieces)))

    @extend_schema(request=PartingSerializer, responses=PieceSerializer(many=True), parameters=[IDEMPOTENCY_KEY])
    @action(detail=False, methods=["post"])
    def split(self, request: Request) -> Response:
        """Undoes links of any age, as if they had never been; what was added since goes where `handed` says."""
        given = valid(PartingSerializer, request)
        return once(request, lambda: self._parted(request, given))

    def _merged(self, request: Request, given: dict[str, Any]) -> Answer:
        done = previews.decide(
            a=origin_of(given["left"]),
            b=origin_of(given["right"]),
            expected=given["stamp"],
            choices=given["choices"],
            actor=actor(request),
            request_id=f"api:{uuid7()}",
            reason=given["reason"],
            is_forced=given["force"],
        )
        link = done.link or generics.get_object_or_404(Link.objects.live().of_cluster(done.root.pk)[:1])
        return Answer(200, plain(LinkSerializer(link).data))

    def _parted(self, request: Request, given: dict[str, Any]) -> Answer:
        links = self._links(given["links"])
        pieces = previews.preview_split(links)
        handed = _handed(given["handed"], _later(links, pieces), pieces)
        merging.split(
            links=links,
            actor=actor(request),
            request_id=f"api:{uuid7()}",
            reason=given["reason"],
            stay_apart=given["stay_apart"],
            handed=handed,
        )
        audit.record(actor=actor(request), action="customer.split", rows=len(links), reason=given["reason"])
        return Answer(200, plain(_pieces([previews.again(piece) for piece in pieces], [])))

    def _links(self, ids: Sequence[UUID]) -> Sequence[Link]:
        found = list(Link.objects.live().filter(public_id__in=ids).select_related("a"))
        if len(found) != len(set(ids)) or len({link.a.root_id for link in found}) != 1:
            raise serializers.ValidationError({"links": "Name live links of one customer."})
        return found


class Consents(mixins.ListModelMixin, viewsets.GenericViewSet[Consent]):
    """What was allowed and withdrawn, at which address, and how we know; words are added, never changed."""

    queryset = Consent.objects.select_related("identity")
    permission_classes = (MayRead,)
    pagination_class = Newest
    serializer_class = ConsentSerializer
    known_parameters = ("customer",)

    def get_queryset(self) -> QuerySet[Consent]:
        wanted = self.request.query_params.get("customer", "")
        rows = super().get_queryset()
        return rows.filter(identity__customer__root_id=origin_of(wanted).root_id) if wanted else rows

    @refuses(Unknown, tombstones.Erased)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[IDEMPOTENCY_KEY])
    @refuses(Unknown, consent.BadWord)
    def create(self, request: Request) -> Response:
        """Adds what the customer has said, and how we know."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        return once(request, lambda: Answer(201, plain(self.get_serializer(self._said(request, given)).data)))

    def _said(self, request: Request, given: dict[str, Any]) -> Consent | None:
        identity = generics.get_object_or_404(Identity.objects.live(), public_id=given["address"])
        word = consent.say(
            identity=identity,
            purpose=given["purpose"],
            state=given["state"],
            at=given.get("occurred_at"),
            evidence=given["evidence"],
            by=actor(request),
        )
        return word or Consent.objects.filter(identity=identity, purpose=given["purpose"]).order_by("-pk").first()


def _pieces(pieces: Sequence[previews.Piece], later: Sequence[Later]) -> list[Any]:
    """What was added since the links is on the piece that keeps the id."""
    shown = [(piece, later if piece.keeps and len(pieces) > 1 else ()) for piece in pieces]
    return [PieceSerializer(piece, context={"later": rows}).data for piece, rows in shown]


def _later(links: Sequence[Link], pieces: Sequence[previews.Piece]) -> list[Later]:
    return handing.since(links, [member for piece in pieces if piece.keeps for member in piece.members])


def _handed(wanted: Any, later: Sequence[Later], pieces: Sequence[previews.Piece]) -> list[Handed]:
    """400 for a row that was not added since, or for whom no piece of its own would be left."""
    rows = {one.row.public_id: one.row for one in later}
    heads = {one.public_id: piece.head for piece in pieces if not piece.keeps for one in piece.members}
    for one in wanted:
        if one["row"] not in rows:
            raise serializers.ValidationError(
                {"handed": f"{one['row']} was not added since: see `later` in the preview."}
            )
        if one["to"] not in heads:
            raise serializers.ValidationError({"handed": f"{one['to']} is in no piece that would be parted."})
    return [Handed(rows[one["row"]], heads[one["to"]]) for one in wanted]


def origin_of(public_id: Any) -> Customer:
    """The origin with this id, 404 if there is none, 400 if it is no id."""
    try:
        wanted = UUID(str(public_id))
    except ValueError as error:
        raise serializers.ValidationError({"customer": "This is no customer's id."}) from error
    found = generics.get_object_or_404(Customer.objects.select_related("root"), public_id=wanted)
    tombstones.refuse(found)
    return found


def valid(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What the body says, or 400."""
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def once(request: Request, act: Callable[[], Answer]) -> Response:
    """The answer of this `Idempotency-Key`: acted for once, given again to a repetition."""
    body = json.dumps([request.path, request.data], sort_keys=True, default=str).encode()
    key = request.headers.get("Idempotency-Key", "")
    answer = answer_once(actor=actor(request), key=key, body=body, act=act)
    headers = {"Idempotent-Replay": "true"} if answer.is_replay else {}
    return Response(answer.body, status=answer.status, headers=headers)


def plain(data: Any) -> Any:
    """Serialised data as JSON values, as an answer is kept."""
    return json.loads(JSONRenderer().render(data))


api_routes: list[tuple[str, Any, str]] = [
    ("links", Links, "link"),
    ("consents", Consents, "consent"),
]
