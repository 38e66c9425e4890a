"""What does the API tell of attributes, and what does it take? Values with their origin; words, never overwriting."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.ids import uuid7
from common.refusing import refuses
from customers import attribute_saying, attribute_types, attributes, audit
from customers.api import REVEAL, Erased, actor, origin_of
from customers.attribute_shapes import AttributesSerializer, CheckedSerializer, SaidSerializer, WordsSerializer
from customers.attribute_types import KEY
from customers.models import Customer

VIEW, CHANGE, ASSERT = "customers.view_customer", "customers.change_customer", "customers.assert_customer"


class MaySay(BasePermission):
    """Reading takes the view permission; writing the right to change customers, or that of a trusted server."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not (user and user.is_authenticated and user.has_perm(VIEW)):
            return False
        return view.action in ("show", "history", None) or user.has_perm(CHANGE) or user.has_perm(ASSERT)


@refuses(Erased)
class CustomerAttributes(viewsets.GenericViewSet[Customer]):
    """The attributes of one customer."""

    queryset = Customer.objects.all()
    permission_classes = (MaySay,)
    serializer_class = AttributesSerializer

    @extend_schema(operation_id="customers_attributes", responses=AttributesSerializer)
    def show(self, request: Request, public_id: str) -> Response:
        """What holds now, each value with its source, time and verifier, and whether something disagrees."""
        return Response(self._body(origin_of(request, public_id)))

    @extend_schema(operation_id="customers_attributes_say", request=WordsSerializer, responses=AttributesSerializer)
    @refuses(attribute_types.Refused)
    def say(self, request: Request, public_id: str) -> Response:
        """Say what is known. Nothing is overwritten: what holds is decided by the rules of each attribute."""
        given = WordsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        self._check_right(request, given.validated_data["source"])
        customer = origin_of(request, public_id)
        ignored = attribute_saying.say(customer=customer.root, **_words(given.validated_data, request))
        audit.record(actor=actor(request), action="customers.edit", object_id=str(customer.public_id))
        return Response({**self._body(customer), "ignored": ignored})

    @extend_schema(operation_id="customers_attribute_history", responses=SaidSerializer(many=True))
    def history(self, request: Request, public_id: str, key: str) -> Response:
        """Every word on one attribute, the newest first."""
        if not KEY.fullmatch(key):
            raise exceptions.NotFound("There is no such attribute.")
        rows: Any = attributes.history(origin_of(request, public_id), key, reveals=request.user.has_perm(REVEAL))
        return Response(SaidSerializer(rows, many=True).data)

    @extend_schema(operation_id="customers_attribute_verify", request=CheckedSerializer, responses=AttributesSerializer)
    @refuses(attribute_types.Refused)
    def verify(self, request: Request, public_id: str, key: str) -> Response:
        """You have checked the value with the customer: it holds against what is only said, for the time set."""
        self._check_right(request, "agent")
        given = CheckedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        customer = origin_of(request, public_id)
        held = attributes.values(customer)
        if "value" not in given.validated_data and key not in held:
            raise exceptions.NotFound("There is no such attribute to verify.")
        value = given.validated_data.get("value", held.get(key))
        attributes.verify(customer=customer.root, key=key, value=value, by=actor(request))
        audit.record(actor=actor(request), action="attribute.verify", object_id=str(customer.public_id))
        return Response(self._body(customer))

    def _check_right(self, request: Request, source: str) -> None:
        if not request.user.has_perm(CHANGE if source == "agent" else ASSERT):
            self.permission_denied(request, message="You may not speak for this source.")

    def _body(self, origin: Customer) -> dict[str, Any]:
        reveals = self.request.user.has_perm(REVEAL)
        root = origin.root
        if reveals:
            audit.record(actor=actor(self.request), action="identity.reveal", object_id=str(root.public_id))
        merged_into = None if origin.is_root else root.public_id
        known = attributes.known(root, reveals=reveals)
        return dict(
            AttributesSerializer(
                {"customer": root.public_id, "merged_into": merged_into, "attributes": known, "ignored": []}
            ).data
        )


def _words(given: dict[str, Any], request: Request) -> dict[str, Any]:
    is_agent = given["source"] == "agent"
    return {
        "values": given["values"],
        "source": f"agent:{request.user.pk}" if is_agent else given["source"],
        "occurred_at": given.get("occurred_at") or clock.now(),
        "event_id": given.get("event_id") or str(uuid7()),
    }


CUSTOMER = "customers/<uuid:public_id>/attributes/"
urls = [
    path(CUSTOMER, CustomerAttributes.as_view({"get": "show", "patch": "say"})),
    path(f"{CUSTOMER}<str:key>/history/", CustomerAttributes.as_view({"get": "history"})),
    path(f"{CUSTOMER}<str:key>/verify/", CustomerAttributes.as_view({"post": "verify"})),
]
