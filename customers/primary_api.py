"""How do others name a customer? By the primary identifier, or another one; who lacks or shares it."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common.filtering import plain
from common.refusing import refuses
from customers import audit, primary
from customers.api import CustomerDetailSerializer, Erased, actor, body_of, origin_of
from customers.models import Customer, Identity
from customers.namespaces import Namespace
from customers.policy import PRIMARY

SCOPE = OpenApiParameter("scope", str, description="Issuer or system, where the identifier has one; any, if left out.")


class ReportSerializer(serializers.Serializer[primary.Report]):
    """How many people lack an identifier, how many values are shared, and the first of them."""

    primary = serializers.CharField()
    lacking = serializers.IntegerField()
    shared = serializers.IntegerField()
    who_lacks = serializers.ListField(child=serializers.UUIDField())
    who_shares = serializers.ListField(child=serializers.ListField(child=serializers.UUIDField()))


class ChosenSerializer(serializers.Serializer[Any]):
    """The address that is the primary one of its kind."""

    identity = serializers.UUIDField()


class MaySee(BasePermission):
    """Who may see customers; what changes something asks for more."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.has_perm("customers.view_customer"))


class ByIdentifier(viewsets.GenericViewSet[Customer]):
    """Customers by what others call them."""

    queryset = Customer.objects.all()
    permission_classes = (MaySee,)
    serializer_class = CustomerDetailSerializer
    known_parameters = ("scope",)

    @extend_schema(operation_id="customers_by", parameters=[SCOPE], responses=CustomerDetailSerializer)
    @refuses(primary.Shared)
    def by(self, request: Request, value: str) -> Response:
        """The customer with this identifier of the primary kind, which the identity policy sets."""
        return self._found(request, value, "")

    @extend_schema(operation_id="customers_by_kind", parameters=[SCOPE], responses=CustomerDetailSerializer)
    @refuses(primary.Shared)
    def by_kind(self, request: Request, namespace: str, value: str) -> Response:
        """The customer with this identifier of another kind: `phone`, `email`, `site_user`, `customer_number`, ..."""
        if namespace not in list(Namespace):
            raise exceptions.NotFound("There is no such kind of identifier.")
        return self._found(request, value, namespace)

    def _found(self, request: Request, value: str, namespace: str) -> Response:
        found = primary.find(value, namespace=namespace, scope=plain(request).get("scope"))
        audit.record(actor=actor(request), action="customers.search", rows=int(found is not None))
        if found is None:
            raise exceptions.NotFound("Nobody has this identifier; what is only claimed does not count.")
        return Response(body_of(request, found))

    @extend_schema(operation_id="customers_report", responses=ReportSerializer)
    def report(self, request: Request, namespace: str) -> Response:
        """Who lacks or shares an identifier: read it before you make it the primary one. Changes nothing."""
        if namespace not in PRIMARY:
            raise exceptions.NotFound("There is no such primary identifier.")
        return Response(ReportSerializer(primary.report(namespace)).data)

    @extend_schema(operation_id="customers_primary", request=ChosenSerializer, responses=CustomerDetailSerializer)
    @refuses(Erased, primary.NotPrimary)
    def choose(self, request: Request, public_id: str) -> Response:
        """Make one of the e-mails or phones the primary one."""
        if not request.user.has_perm("customers.change_customer"):
            self.permission_denied(request)
        given = ChosenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        origin = origin_of(request, public_id)
        rows = Identity.objects.of_cluster(origin.root_id)
        row = rows.filter(public_id=given.validated_data["identity"]).first()
        if row is None:
            raise exceptions.NotFound("This customer has no such address.")
        primary.mark(identity=row, actor=actor(request))
        return Response(body_of(request, origin))


urls = [
    path("customers/by/<str:value>/", ByIdentifier.as_view({"get": "by"})),
    path("customers/by/<str:namespace>/<str:value>/", ByIdentifier.as_view({"get": "by_kind"})),
    path("customers/report/<str:namespace>/", ByIdentifier.as_view({"get": "report"})),
    path("customers/<uuid:public_id>/primary/", ByIdentifier.as_view({"post": "choose"})),
]
