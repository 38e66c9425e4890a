"""How does a trusted server name a customer? By the primary identifier; it also says which ones are one person."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from customers import asserting, attribute_saying, audit, primary
from customers.api import CustomerDetailSerializer, actor, body_of, origin_of
from customers.attribute_shapes import TRUSTED, WordsSerializer
from customers.idempotency import Answer
from customers.link_api import once, plain
from customers.link_shapes import ConflictSerializer, LinkSerializer
from customers.models import Customer, Identity
from customers.namespaces import Namespace
from customers.policy import PRIMARY

SCOPE = OpenApiParameter("scope", str, description="Issuer or system, where the identifier has one; any, if left out.")
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=True,
    description="Up to 255 characters; a repetition with the same body gets the first answer and changes nothing.",
)  # fmt: skip


class IdentifierSerializer(serializers.Serializer[Any]):
    """One identifier; `namespace` is the primary one of the policy if left out."""

    namespace = serializers.ChoiceField([name.value for name in Namespace if name != Namespace.VISITOR])
    scope = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)
    value = serializers.CharField(max_length=255)


class AssertionSerializer(serializers.Serializer[Any]):
    """Who somebody is, the primary identifier first, and what they are like."""

    identifiers = serializers.ListField(child=IdentifierSerializer(), min_length=1, max_length=10)
    attributes = serializers.DictField(required=False, default=dict)
    # The field is named as people name it, though the base class has an attribute of that name.
    source = serializers.CharField(default="site", help_text="`site`, `crm` or `crm:<system>`.")  # type: ignore[assignment]  # see above
    occurred_at = serializers.DateTimeField(required=False)

    def validate_source(self, given: str) -> str:
        if not TRUSTED.fullmatch(given):
            raise serializers.ValidationError("The source is site, crm or crm:<system>.")
        return given

    def validate_attributes(self, given: dict[str, Any]) -> dict[str, Any]:
        return WordsSerializer().validate_values(given) if given else {}


class AssertedSerializer(serializers.Serializer[Any]):
    """Who it is; which links were made; what people have to look at."""

    customer = serializers.UUIDField(source="customer.public_id")
    created = serializers.BooleanField()
    links = LinkSerializer(many=True)
    conflicts = ConflictSerializer(many=True)
    ignored = serializers.ListField(child=serializers.CharField())


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


class MayAssert(BasePermission):
    """A trusted server: an account with a right of its own."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.has_perm("customers.assert_customer"))


class ByIdentifier(viewsets.GenericViewSet[Customer]):
    """Customers by what others call them."""

    queryset = Customer.objects.all()
    permission_classes = (MaySee,)
    serializer_class = CustomerDetailSerializer
    known_parameters = ("scope",)

    @extend_schema(operation_id="customers_by", parameters=[SCOPE], responses=CustomerDetailSerializer)
    def by(self, request: Request, value: str, namespace: str = "") -> Response:
        """The customer with this identifier: of the primary kind that the policy sets, or of the kind named."""
        if namespace and namespace not in list(Namespace):
            raise exceptions.NotFound("There is no such kind of identifier.")
        found = primary.find(value, namespace=namespace, scope=request.query_params.get("scope"))
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


class Assertions(viewsets.GenericViewSet[Customer]):
    """What a trusted server says of people."""

    queryset = Customer.objects.all()
    permission_classes = (MayAssert,)
    serializer_class = AssertedSerializer

    @extend_schema(
        operation_id="customers_identify",
        parameters=[IDEMPOTENCY_KEY],
        request=AssertionSerializer,
        responses={201: AssertedSerializer},
    )
    def identify(self, request: Request) -> Response:
        """Find or make the customer whom these identifiers name. What cannot be one person without a doubt is told."""
        given = AssertionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return once(request, lambda: self._asserted(request, given.validated_data))

    def _asserted(self, request: Request, given: dict[str, Any]) -> Answer:
        at = given.get("occurred_at") or clock.now()
        handles = [(one["namespace"], one["scope"], one["value"]) for one in given["identifiers"]]
        done = asserting.identify(handles=handles, at=at, actor=actor(request))
        if given["attributes"]:
            done.ignored = attribute_saying.say(
                customer=done.customer,
                values=given["attributes"],
                source=given["source"],
                occurred_at=at,
                event_id=f"identify:{actor(request)}:{request.headers.get('Idempotency-Key', '')}"[:255],
            )
        audit.record(actor=actor(request), action="customers.identify", object_id=str(done.customer.public_id))
        return Answer(201, plain(AssertedSerializer(done).data))


urls = [
    path("customers/identify/", Assertions.as_view({"post": "identify"})),
    path("customers/by/<str:value>/", ByIdentifier.as_view({"get": "by"})),
    path("customers/by/<str:namespace>/<str:value>/", ByIdentifier.as_view({"get": "by"})),
    path("customers/report/<str:namespace>/", ByIdentifier.as_view({"get": "report"})),
    path("customers/<uuid:public_id>/primary/", ByIdentifier.as_view({"post": "choose"})),
]
