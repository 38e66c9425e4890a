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
from customers import settling
from customers.conflicts import AT_MERGE
from customers.link_api import MayJoin, Newest
from customers.models import Conflict, Customer, MergeEvent

# The names that outgoing webhooks will carry too: they never change.
NAMES = {
    MergeEvent.Kind.MERGE: "customer.merged",
    MergeEvent.Kind.SPLIT: "customer.split",
    MergeEvent.Kind.ERASE: "customer.erased",
    MergeEvent.Kind.TRANSFER: "identity.transferred",
    MergeEvent.Kind.CONFLICT: "identity.conflict",
}

# What a merge opened and whoever decided it has settled with it: nothing was ever there to look at.
SETTLED = """
EXISTS (SELECT 1 FROM customers_conflict f WHERE f.resolution = %s AND f.public_id =
    CASE WHEN customers_mergeevent.kind = 'conflict' THEN substr(customers_mergeevent.request_id, 10)::uuid END)
"""


class IdentityEventSerializer(serializers.ModelSerializer[MergeEvent]):
    """One entry of the ledger; people by their public ids, who was one before and who is one after."""

    type = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()
    link = serializers.UUIDField(source="link.public_id", allow_null=True, default=None)
    conflict = serializers.SerializerMethodField()
    subject = serializers.SerializerMethodField()

    class Meta:
        model = MergeEvent
        fields = ("public_id", "type", "version", "before", "after", "link", "conflict", "actor", "subject", "at")

    @extend_schema_field({"type": ["string", "null"], "format": "uuid"})
    def get_conflict(self, row: MergeEvent) -> str | None:
        """The conflict that opened, as `conflicts/` knows it."""
        found = _conflict_id(row)
        return str(found) if found else None

    def get_subject(self, row: MergeEvent) -> str:
        """Why; of a conflict its kind and, after a colon, the attribute or the kind of address that it is about."""
        found = self.context["conflicts"].get(_conflict_id(row))
        return f"{row.reason}:{settling.key_of(found)}" if found else row.reason

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
        rows = rows.exclude(RawSQL(SETTLED, [AT_MERGE], BooleanField()))
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
        disputes = Conflict.objects.filter(public_id__in=[found for row in page if (found := _conflict_id(row))])
        told = {"names": names, "conflicts": {row.public_id: row for row in disputes}}
        shown = self.get_serializer(page, many=True, context={**self.get_serializer_context(), **told})
        return self.get_paginated_response(shown.data)


def _conflict_id(row: MergeEvent) -> UUID | None:
    """Which one opened; the ledger has it as the request."""
    return UUID(row.request_id.removeprefix("conflict:")) if row.kind == MergeEvent.Kind.CONFLICT else None


api_routes: list[tuple[str, Any, str]] = [("identity-events", Events, "identity-event")]
