"""How does a trusted server say who somebody is, and what does it hear of it?"""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.refusing import refuses
from customers import asserting, attribute_saying, attribute_types, audit, tombstones
from customers.api import actor
from customers.attribute_shapes import TRUSTED, WordsSerializer
from customers.idempotency import Answer
from customers.link_api import IDEMPOTENCY_KEY, once, plain
from customers.link_shapes import ConflictSerializer, LinkSerializer
from customers.models import Customer
from customers.namespaces import Namespace

# Whom a browser belongs to, only the browser proves.
SAYABLE = tuple(name.value for name in Namespace if name != Namespace.VISITOR)


class IdentifierSerializer(serializers.Serializer[Any]):
    """One identifier, such as a phone, an e-mail or a user id of a site (`scope`)."""

    namespace = serializers.CharField(max_length=20)
    scope = serializers.CharField(max_length=255, required=False, default="", allow_blank=True)
    value = serializers.CharField(max_length=255)

    def validate_namespace(self, given: str) -> str:
        if given not in SAYABLE:
            raise serializers.ValidationError(f"It is one of {', '.join(SAYABLE)}.")
        return given


class AssertionSerializer(serializers.Serializer[Any]):
    """Who somebody is, the primary identifier first, and what they are like."""

    identifiers = serializers.ListField(child=IdentifierSerializer(), min_length=1, max_length=10)
    attributes = serializers.DictField(required=False, default=dict)
    # The field is named as people name it, though the base class has an attribute of that name.
    source = serializers.CharField(default="site", help_text="`site`, `crm` or `crm:<system>`.")  # type: ignore[assignment]  # see above
    occurred_at = serializers.DateTimeField(
        required=False,
        help_text="When the person said or did it, not when your copy was sent. A time in the future, or before 2005, "
        "is taken for none. Somebody who was erased at that moment or later is not made again: 410 `erased`.",
    )
    is_new = serializers.BooleanField(
        default=False,
        help_text="The person has just come (anew) of their own accord. Without this and without `occurred_at` whoever "
        "was ever erased stays so (410 `erased`): a record of unknown age is a copy, not a word of theirs.",
    )

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


class MayAssert(BasePermission):
    """A trusted server: an account with a right of its own."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.has_perm("customers.assert_customer"))


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
    @refuses(asserting.NotAnIdentifier, attribute_types.Refused, tombstones.Erased)
    def identify(self, request: Request) -> Response:
        """Find or make the customer whom these identifiers name. What cannot be one person without a doubt is told."""
        given = AssertionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            return once(request, lambda: self._asserted(request, given.validated_data))
        except tombstones.Erased as dropped:
            tombstones.count(dropped)
            raise

    def _asserted(self, request: Request, given: dict[str, Any]) -> Answer:
        said_at = given.get("occurred_at")
        handles = [(one["namespace"], one["scope"], one["value"]) for one in given["identifiers"]]
        done = asserting.identify(handles=handles, said_at=said_at, is_new=given["is_new"], actor=actor(request))
        if given["attributes"]:
            done.ignored = attribute_saying.say(
                customer=done.customer,
                values=given["attributes"],
                source=given["source"],
                occurred_at=said_at or clock.now(),
                event_id=f"identify:{actor(request)}:{request.headers.get('Idempotency-Key', '')}"[:255],
            )
        audit.record(actor=actor(request), action="customers.identify", object_id=str(done.customer.public_id))
        return Answer(201, plain(AssertedSerializer(done).data))


urls = [path("customers/identify/", Assertions.as_view({"post": "identify"}))]
