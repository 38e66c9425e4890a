"""What does the API tell of customers, and to whom?"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, mixins, serializers, viewsets
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.response import Response

from common.filtering import plain
from common.pages import CursorPages
from common.problems import Problem
from common.refusing import refuses
from customers import attributes, audit, facts, finding, primary
from customers.attribute_shapes import KnownSerializer
from customers.masking import masked
from customers.models import Conflict, Customer, Identity
from customers.namespaces import Namespace

REVEAL = "customers.reveal_identity"


class Erased(Problem):
    """The customer asked to be forgotten."""

    code, title, status = "erased", "This customer was erased.", 410


class MayRead(DjangoModelPermissions):
    """Reading needs the view permission too."""

    perms_map = {
        **DjangoModelPermissions.perms_map,
        "GET": ["%(app_label)s.view_%(model_name)s"],
    }


class Pages(CursorPages):
    """The latest seen first, in pages that do not shift while one reads."""

    ordering = ("-last_seen_at", "-id")
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200


class IdentitySerializer(serializers.ModelSerializer[Identity]):
    """One address, masked unless the reader may see it whole."""

    value = serializers.SerializerMethodField(method_name="shown_value")
    display = serializers.CharField(read_only=True)
    is_primary = serializers.SerializerMethodField()

    class Meta:
        model = Identity
        fields = (
            "public_id", "namespace", "scope", "value", "display", "proof", "proven_at", "routable", "is_primary",
            "valid_from",
        )  # fmt: skip

    def get_is_primary(self, row: Identity) -> bool:
        """Of several e-mails or phones the one that was marked."""
        return row.pk in self.context.get("primary", ())

    def shown_value(self, row: Identity) -> str:
        return row.raw if self.context.get("reveals") else masked(row.namespace, row.raw)


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer in the list."""

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ("public_id", "kind", "status", "version", "first_seen_at", "last_seen_at")


class LastJourneySerializer(serializers.Serializer[Any]):
    """Where the newest open journey in the foreground stands."""

    key = serializers.CharField()
    title = serializers.CharField()
    step = serializers.CharField()
    # The field is named as people name it, though the base class has an attribute of that name.
    label = serializers.CharField(help_text="The step in words.")  # type: ignore[assignment]  # see above
    since = serializers.DateTimeField()
    touched_at = serializers.DateTimeField()
    channel = serializers.CharField(help_text="Where it was last gone on with.")
    status = serializers.CharField(help_text="active, waiting or suspended.")


class CustomerDetailSerializer(CustomerSerializer):
    """A customer with addresses, attributes and open journey; `merged_into` when asked for by an earlier id."""

    merged_into = serializers.UUIDField(read_only=True, allow_null=True)
    identities = IdentitySerializer(source="known_identities", many=True, read_only=True)
    attributes = KnownSerializer(source="shown_attributes", many=True, read_only=True)

    last_journey = LastJourneySerializer(read_only=True, allow_null=True)

    class Meta(CustomerSerializer.Meta):
        fields = (*CustomerSerializer.Meta.fields, "merged_into", "identities", "attributes", "last_journey")


IDENTIFIER = [
    OpenApiParameter("identifier", str, description="A whole phone, e-mail or id, or the last 8 digits of a phone."),
    OpenApiParameter("namespace", str, enum=[name.value for name in Namespace]),
    OpenApiParameter("scope", str, description="Issuer, page or system, where the namespace has one."),
    OpenApiParameter("has_conflicts", bool, description="Only those about whom a person has something to settle."),
]


@extend_schema_view(list=extend_schema(parameters=IDENTIFIER))
class Customers(mixins.RetrieveModelMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Customer]):
    """Customers, the latest seen first; any id a customer ever had leads to them."""

    queryset = Customer.objects.roots().kept()
    permission_classes = (MayRead,)
    pagination_class = Pages
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    known_parameters = ("identifier", "namespace", "scope", "has_conflicts")
    serializer_class = CustomerSerializer

    def get_queryset(self) -> QuerySet[Customer]:
        identifier = self.request.query_params.get("identifier", "")
        if self.action != "list":
            return super().get_queryset()
        wanted = plain(self.request)
        found = super().get_queryset()
        if identifier:
            named = {name: wanted.get(name, "") for name in ("namespace", "scope")}
            found = finding.by_identifier(identifier, **named)
        if wanted.get("has_conflicts", "") in ("true", "1"):
            found = found.filter(pk__in=Conflict.objects.open().values("customer__root_id"))
        return found

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        if "identifier" in request.query_params:
            audit.record(actor=actor(request), action="customers.search", rows=len(answer.data["results"]))
        return answer

    def get_object(self) -> Customer:
        return origin_of(self.request, self.kwargs["public_id"])

    @extend_schema(responses=CustomerDetailSerializer)
    @refuses(Erased)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(body_of(request, self.get_object()))


def origin_of(request: Request, public_id: Any) -> Customer:
    """The customer with this id, its root loaded; 404 if there never was one, 410 if they asked to be forgotten."""
    return _kept(Customer.objects.visible_to(request.user), public_id)


def named_origin(public_id: Any) -> Customer:
    """The same for whoever has another right than to look at customers, and names one whom they know."""
    return _kept(Customer.objects.all(), public_id)


def _kept(origins: QuerySet[Customer], public_id: Any) -> Customer:
    origin = generics.get_object_or_404(origins.select_related("root"), public_id=public_id)
    if Customer.Status.ERASED in (origin.status, origin.root.status):
        raise Erased()
    return origin


def body_of(request: Request, origin: Customer) -> dict[str, Any]:
    """The customer as the API tells of them; that somebody saw them whole is audited."""
    reveals = request.user.has_perm(REVEAL)
    if reveals:
        audit.record(actor=actor(request), action="identity.reveal", object_id=str(origin.root.public_id))
    root: Any = origin.root
    root.merged_into = None if origin.is_root else root.public_id
    root.known_identities = list(Identity.objects.live().of_cluster(root.pk).order_by("pk"))
    root.shown_attributes = attributes.known(root, reveals=reveals)
    root.last_journey = facts.last_journey(root.pk)
    chosen = {row.pk for row in primary.among(root.known_identities).values()}
    return dict(CustomerDetailSerializer(root, context={"reveals": reveals, "primary": chosen}).data)


def actor(request: Request) -> str:
    """Who the audit names."""
    return f"user:{request.user.pk}"


api_routes = [("customers", Customers, "customer")]
