"""How does the API show what disagrees, and take what people decide about it?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.filtering import plain as plain_query
from common.problems import Unknown
from common.refusing import refuses
from customers import attribute_types, settling, tombstones
from customers.api import actor
from customers.link_api import MayJoin, Newest, origin_of, valid
from customers.link_shapes import ConflictSerializer, SettlementSerializer, VerdictSerializer
from customers.models import Conflict


class Conflicts(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Conflict]):
    """What disagrees and waits for a person, the newest first."""

    queryset = Conflict.objects.select_related("customer__root")
    permission_classes = (MayJoin,)
    pagination_class = Newest
    serializer_class = ConflictSerializer
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    known_parameters = ("status", "kind", "customer")
    needs = dict.fromkeys(("settle", "decide", "dismiss"), "customers.change_customer")

    def get_queryset(self) -> QuerySet[Conflict]:
        rows = super().get_queryset()
        if self.action != "list":
            return rows
        asked = plain_query(self.request)
        for name, allowed in (("status", Conflict.Status.values), ("kind", Conflict.Kind.values)):
            if name in asked and asked[name] not in allowed:
                raise serializers.ValidationError({name: f"This is one of {', '.join(allowed)}."})
        rows = rows.filter(status=asked.get("status", "open"))
        rows = rows.filter(kind=asked["kind"]) if "kind" in asked else rows
        return rows.filter(customer__root_id=origin_of(asked["customer"]).root_id) if "customer" in asked else rows

    @extend_schema(
        parameters=[
            OpenApiParameter("status", str, enum=Conflict.Status.values, description="`open`, if left out."),
            OpenApiParameter("kind", str, enum=Conflict.Kind.values),
            OpenApiParameter("customer", UUID, description="Any id the person ever had."),
        ]
    )
    @refuses(Unknown, tombstones.Erased)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    @extend_schema(request=SettlementSerializer, responses=ConflictSerializer)
    @action(detail=True, methods=["post"])
    @refuses(settling.Settled, settling.NotAValue, attribute_types.Refused)
    def settle(self, request: Request, public_id: str) -> Response:
        """Decides a disagreement about an attribute: this value holds, whatever is said later."""
        found, given = self.get_object(), valid(SettlementSerializer, request)
        settling.hold(conflict=found, value=given["value"], by=actor(request))
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)

    @extend_schema(request=VerdictSerializer, responses=ConflictSerializer)
    @action(detail=True, methods=["post"])
    @refuses(settling.Settled, settling.NoDecision)
    def decide(self, request: Request, public_id: str) -> Response:
        """Decides about an address by one of the conflict's `decisions`: is it still theirs, is it anybody's?"""
        found, given = self.get_object(), valid(VerdictSerializer, request)
        settling.decide(conflict=found, choice=given["choice"], by=actor(request))
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)

    @extend_schema(request=None, responses=ConflictSerializer)
    @action(detail=True, methods=["post"])
    @refuses(settling.Settled)
    def dismiss(self, request: Request, public_id: str) -> Response:
        """Nothing to be done: closed as looked at. An address that is doubted stays so; `decide` about it instead."""
        found = self.get_object()
        settling.settle(conflict=found, choice="dismiss", own="", by=actor(request))
        found.refresh_from_db()
        return Response(self.get_serializer(found).data)


api_routes: list[tuple[str, Any, str]] = [("conflicts", Conflicts, "conflict")]
