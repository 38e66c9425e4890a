"""How does a program erase a customer, and get everything that is held of them?

Who may: `customers.erase_customer` and `customers.export_customer`. Nobody else learns whether there was a customer.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common.refusing import refuses
from customers import privacy, privacy_erasing, privacy_export, privacy_receipt, tombstones
from customers.api import actor
from customers.idempotency import Answer
from customers.link_api import IDEMPOTENCY_KEY, once
from customers.models import Customer

ERASE, EXPORT = "customers.erase_customer", "customers.export_customer"


class MayErase(BasePermission):
    """Each action takes a permission of its own."""

    NEEDS = {"erase": ERASE, "erasure": ERASE, "export": EXPORT}

    def has_permission(self, request: Request, view: Any) -> bool:
        needed = self.NEEDS.get(view.action)
        return bool(needed and request.user and request.user.has_perm(needed))


class ErasingSerializer(serializers.Serializer[Any]):
    """`whole_cluster`: everybody whom this customer was joined with is the same person, and all of it goes."""

    reason = serializers.CharField(max_length=200)
    whole_cluster = serializers.BooleanField(default=False)


class ExportingSerializer(serializers.Serializer[Any]):
    """`with_notes`: the team's notes too, which somebody has read before they are handed out."""

    with_notes = serializers.BooleanField(default=False)


class StoreSerializer(serializers.Serializer[Any]):
    store = serializers.CharField()
    rows = serializers.IntegerField()


class ReceiptSerializer(serializers.Serializer[Any]):
    """What became of an erasure; it names nobody."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["running", "done"])
    cause = serializers.ChoiceField(choices=["request", "retention", "replay"])
    customers = serializers.ListField(child=serializers.UUIDField())
    erased_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    stores = StoreSerializer(many=True)
    rows = serializers.IntegerField()
    held_elsewhere = serializers.ListField(child=serializers.CharField())
    last_backup_ends_at = serializers.DateTimeField()


class Erasures(viewsets.GenericViewSet[Customer]):
    """Forgetting a customer, and handing out what is held of them."""

    queryset = Customer.objects.select_related("root")
    permission_classes = (MayErase,)
    serializer_class = ReceiptSerializer
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    @extend_schema(request=ErasingSerializer, responses={202: ReceiptSerializer}, parameters=[IDEMPOTENCY_KEY])
    @action(detail=True, methods=["post"])
    @refuses(privacy.Linked)
    def erase(self, request: Request, public_id: str) -> Response:
        """Erases the customer: unreachable at once, gone soon after; 409 `linked_people` names what joins them."""
        given = ErasingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        customer, said = self.get_object(), given.validated_data
        key = request.headers.get("Idempotency-Key", "")

        def act() -> Answer:
            done = privacy_erasing.erase(
                customer=customer, actor=actor(request), request_id=_request_id(actor(request), customer, key), **said
            )
            return Answer(202, privacy_receipt.of(done))

        return once(request, act)

    @extend_schema(responses=ReceiptSerializer)
    @action(detail=True, methods=["get"])
    def erasure(self, request: Request, public_id: str) -> Response:
        """The receipt of the customer's erasure, by any id they ever had."""
        found = privacy.erasure_of(self.get_object())
        if found is None:
            raise Http404
        return Response(privacy_receipt.of(found))

    @extend_schema(
        request=ExportingSerializer,
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"])
    @refuses(tombstones.Erased)
    def export(self, request: Request, public_id: str) -> FileResponse:
        """A zip of everything that is held of the customer, of all that were joined with them."""
        given = ExportingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        customer = self.get_object()
        pack = privacy_export.export(customer=customer, actor=actor(request), **given.validated_data)
        return FileResponse(pack, as_attachment=True, filename=privacy_export.name_of(customer))

    def get_object(self) -> Customer:
        return generics.get_object_or_404(self.get_queryset(), public_id=self.kwargs["public_id"])


def _request_id(by: str, customer: Customer, key: str) -> str:
    """One for each key of each actor and customer, however long the key is."""
    said = json.dumps([by, str(customer.public_id), key]).encode()
    return f"api:{hashlib.sha256(said).hexdigest()}"


api_routes = [("customers", Erasures, "erasure")]
