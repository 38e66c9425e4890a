"""How do a CRM and a call centre say who knows a customer, and who has a conversation?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import generics, serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common.refusing import refuses
from conversations.models import Connection, Conversation
from customers.api import Erased, named_origin
from customers.asserting_api import MayAssert
from customers.models import Customer
from handover import affinity, engines, refusals
from handover.desk_api import agent_of, queue_of
from handover.models import Affinity, Skill

SYSTEM = r"^crm(:[a-z0-9_-]{1,40})?$"


class AffinitySerializer(serializers.Serializer[Any]):
    """Who helped the customer last in a skill (`scope`; empty: in any)."""

    scope = serializers.SlugField(required=False, allow_blank=True, default="", max_length=64)
    agent = serializers.CharField(required=False, allow_null=True, default=None, help_text="The login of the agent.")
    queue = serializers.SlugField(required=False, allow_null=True, default=None, help_text="The key of the queue.")
    handled_at = serializers.DateTimeField(help_text="When it happened there; what is older than ours changes nothing.")
    # The field is named as people name it, though the base class has an attribute of that name.
    source = serializers.RegexField(SYSTEM, required=False, default="crm", help_text="`crm` or `crm:<system>`.")  # type: ignore[assignment]  # see above

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given["agent"], given["queue"] = agent_of(given["agent"] or ""), queue_of(given["queue"] or "")
        if given["agent"] is None and given["queue"] is None:
            raise serializers.ValidationError({"agent": "Give an agent, a queue or both."})
        if given["scope"] and not Skill.objects.filter(key=given["scope"]).exists():
            raise serializers.ValidationError({"scope": "There is no such skill."})
        return given


class AffinityKnownSerializer(serializers.ModelSerializer[Affinity]):
    """What holds now."""

    agent = serializers.CharField(source="agent.user.username", default=None)
    queue = serializers.CharField(source="queue.key", default=None)
    source = serializers.CharField(help_text="Empty: our own desk.")  # type: ignore[assignment]  # see above

    class Meta:
        model = Affinity
        fields = ("scope", "agent", "queue", "handled_at", "source")


class AffinityToldSerializer(serializers.Serializer[Any]):
    applied = serializers.BooleanField(help_text="False: something newer is known.")
    affinity = AffinityKnownSerializer()


@refuses(Erased)
class Affinities(viewsets.GenericViewSet[Customer]):
    """Who helped a customer last, as an outside CRM knows it."""

    queryset = Customer.objects.all()
    permission_classes = (MayAssert,)
    serializer_class = AffinityToldSerializer

    @extend_schema(responses=AffinityKnownSerializer)
    def known(self, request: Request, public_id: UUID) -> Response:
        """Who helped last, whatever the skill; 404 if nobody is known."""
        root = named_origin(public_id).root
        found = affinity.of_person(root=root).first()
        if found is None:
            raise Http404
        return Response(AffinityKnownSerializer(found).data)

    @extend_schema(request=AffinitySerializer, responses=AffinityToldSerializer)
    def tell(self, request: Request, public_id: UUID) -> Response:
        """Says who helped last, and when. Repeat it as you like: what is not newer changes nothing."""
        given = AffinitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        origin = named_origin(public_id)
        applied = affinity.tell(customer=origin, **given.validated_data)
        held = affinity.of_person(root=origin.root).filter(scope=given.validated_data["scope"]).first()
        return Response(AffinityToldSerializer({"applied": applied, "affinity": held}).data)


class OwnershipSerializer(serializers.Serializer[Any]):
    """One event of an engine. The same `event_id` again has no effect; an older one is logged and has none."""

    engine = serializers.SlugField(max_length=64, help_text="The key of its connection.")
    event_id = serializers.CharField(max_length=255)
    occurred_at = serializers.DateTimeField(help_text="By the engine's clock; more than 5 minutes ahead counts as now.")
    to = serializers.ChoiceField(choices=["external", "agent", "queue", "bot", "closed"])
    agent = serializers.CharField(required=False, default="", help_text="With `to: agent`: the login.")
    queue = serializers.SlugField(required=False, default="", help_text="With `to: queue`: the key.")
    epoch = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**63 - 1,
        help_text="The `owner_epoch` that the engine saw; needed to take over from an agent.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given["agent"], given["queue"] = agent_of(given["agent"]), queue_of(given["queue"])
        for kind in ("agent", "queue"):
            if (given["to"] == kind) != (given[kind] is not None):
                raise serializers.ValidationError({kind: f"It goes with `to: {kind}`, and only with it."})
        engine = Connection.objects.filter(key=given["engine"], is_enabled=True).first()
        if engine is None:
            raise serializers.ValidationError({"engine": "There is no such connection, or it is switched off."})
        given["engine"] = engine
        return given


class OwnershipVerdictSerializer(serializers.Serializer[Any]):
    """`applied`; or `unchanged`, `repeated` and `stale`, which moved nothing. Owner and epoch as they are now."""

    result = serializers.ChoiceField(choices=["applied", "unchanged", "repeated", "stale"])
    owner_kind = serializers.CharField()
    owner_epoch = serializers.IntegerField()


class MayOwn(BasePermission):
    """A call centre's account: a right of its own."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.has_perm(engines.RIGHT))


class Ownership(viewsets.GenericViewSet[Conversation]):
    """Who has a conversation, as an outside engine decides it."""

    queryset = Conversation.objects.all()
    permission_classes = (MayOwn,)
    serializer_class = OwnershipVerdictSerializer

    @extend_schema(
        request=OwnershipSerializer,
        responses=OwnershipVerdictSerializer,
        examples=[
            OpenApiExample(
                "A call has begun",
                {"engine": "callcentre", "event_id": "c-1", "occurred_at": "2026-11-21T10:00:00Z", "to": "external"},
                request_only=True,
            )
        ],
    )
    @refuses(refusals.AlreadyClosed)
    def tell(self, request: Request, public_id: UUID) -> Response:
        """The engine has it, has given it to somebody, or has ended it. The bot is silent while the engine has it."""
        given = OwnershipSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = generics.get_object_or_404(Conversation, public_id=public_id)
        result = engines.tell(conversation_id=found.pk, **given.validated_data)
        found.refresh_from_db()
        said = {"result": result, "owner_kind": found.owner_kind, "owner_epoch": found.owner_epoch}
        return Response(OwnershipVerdictSerializer(said).data)


doors = [
    path("customers/<uuid:public_id>/affinity/", Affinities.as_view({"get": "known", "put": "tell"})),
    path("conversations/<uuid:public_id>/ownership/", Ownership.as_view({"post": "tell"})),
]
