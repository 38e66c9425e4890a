"""What happened to whom: merges, splits, erasures, changed hands and conflicts, as the API tells of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from common.problems import Unknown
from common.refusing import refuses
from customers.link_api import MayJoin, Newest
from customers.models import Customer, MergeEvent

# The names that outgoing webhooks will carry too: they never change.
NAMES = {
    MergeEvent.Kind.MERGE: "customer.merged",
    MergeEvent.Kind.SPLIT: "customer.split",
    MergeEvent.Kind.ERASE: "customer.erased",
    MergeEvent.Kind.TRANSFER: "identity.transferred",
    MergeEvent.Kind.CONFLICT: "identity.conflict",
}


class IdentityEventSerializer(serializers.ModelSerializer[MergeEvent]):
    """One entry of the ledger; people by their public ids, who was one before and who is one after."""

    type = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()
    link = serializers.UUIDField(source="link.public_id", allow_null=True, default=None)
    subject = serializers.CharField(source="reason")

    class Meta:
        model = MergeEvent
        fields = ("public_id", "type", "version", "before", "after", "link", "actor", "subject", "at")

    @extend_schema_field({"type": "string", "enum": sorted(NAMES.values())})
    def get_type(self, row: MergeEvent) -> str:
        return NAMES[MergeEvent.Kind(row.kind)]

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
    def get_before(self, row: MergeEvent) -> list[str]:
        return self._names(row.root_before)

    @extend_schema_field({"type": "array", "items": {"type": "string", "format": "uuid"}})
    def get_after(self, row: MergeEvent) -> list[str]:
        return self._names(row.root_after)

    def _names(self, ids: Iterable[int]) -> list[str]:
        return [str(self.context["names"][pk]) for pk in ids if pk in self.context["names"]]


class Events(mixins.ListModelMixin, viewsets.GenericViewSet[MergeEvent]):
    """The ledger of identity, the newest first. `version` is the person's own count: a lower one is older news."""

    queryset = MergeEvent.objects.select_related("link")
    permission_classes = (MayJoin,)
    pagination_class = Newest
    serializer_class = IdentityEventSerializer
    known_parameters = ("customer",)

    def get_queryset(self) -> QuerySet[MergeEvent]:
        rows, person = super().get_queryset(), self.request.query_params.get("customer", "")
        if not person:
            return rows
        try:
            found = generics.get_object_or_404(Customer, public_id=UUID(person))
        except ValueError as error:
            raise serializers.ValidationError({"customer": "This is no customer's id."}) from error
        members = Customer.objects.filter(root_id=found.root_id).values_list("pk", flat=True)
        # Written out, as the index has it.
        named = " OR ".join(["(root_before || root_after) @> %s::jsonb"] * len(members))
        wanted = RawSQL(f"({named})", [json.dumps([pk]) for pk in members], BooleanField())
        return rows.filter(wanted)

    @extend_schema(parameters=[OpenApiParameter("customer", OpenApiTypes.UUID, description="Any id of the person.")])
    @refuses(Unknown)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        ids = {pk for row in page for pk in (*row.root_before, *row.root_after)}
        names = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "public_id"))
        shown = self.get_serializer(page, many=True, context={**self.get_serializer_context(), "names": names})
        return self.get_paginated_response(shown.data)


api_routes: list[tuple[str, Any, str]] = [("identity-events", Events, "identity-event")]
