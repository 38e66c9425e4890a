"""How does a program see what is offered to whom, and answer for an agent? Reservations over REST."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.refusing import refuses
from handover import refusals
from handover.api import IsStaff
from handover.desk_api import NotAnAgent
from handover.models import Agent, Reservation
from handover.reader import NewestFirst
from handover.routing import offers


class ReservationSerializer(serializers.ModelSerializer[Reservation]):
    """One offer of one conversation to one agent; `expires_at` is by the server's clock."""

    id = serializers.UUIDField(source="public_id")
    conversation = serializers.UUIDField(source="conversation.public_id")
    agent = serializers.CharField(source="agent.user.username", help_text="The login of the agent.")
    from_agent = serializers.CharField(source="from_agent.user.username", default=None, help_text="Who passes it on.")

    class Meta:
        model = Reservation
        fields = (
            "id", "conversation", "agent", "kind", "status", "from_agent", "weight", "epoch", "offered_at",
            "expires_at", "answered_at",
        )  # fmt: skip


class ReservationFilter(django_filters.FilterSet):  # type: ignore[misc]  # see the import
    conversation = django_filters.UUIDFilter(field_name="conversation__public_id")

    class Meta:
        model = Reservation
        fields = ("status", "kind")


class LatestFirst(NewestFirst):
    ordering = ("-offered_at", "-id")


class ReservationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Reservation]):
    """What is offered to the caller, and what they have passed on to a colleague; supervisors see the offers of the
    queues they lead, administrators all. Only whom it is offered to answers it."""

    permission_classes = (IsStaff,)
    serializer_class = ReservationSerializer
    pagination_class = LatestFirst
    filterset_class = ReservationFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Reservation]:
        rows = Reservation.objects.select_related("conversation", "agent__user", "from_agent__user")
        agent: Agent | None = getattr(self.request.user, "agent", None)
        if self.request.user.is_superuser:
            return rows
        if agent is None:
            return rows.none()
        led = agent.memberships.filter(role="supervisor").values("queue_id")
        return rows.filter(Q(agent=agent) | Q(from_agent=agent) | Q(conversation__queue_id__in=led))

    @extend_schema(request=None, responses=ReservationSerializer)
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.AlreadyTaken, offers.OfferOver)
    def accept(self, request: Request, public_id: str) -> Response:
        """The conversation is the caller's; 409 when somebody has it, or the time is up."""
        offer = self.get_object()
        offers.accept(offer_id=offer.public_id, agent=self._agent())
        return self._now()

    @extend_schema(request=None, responses=ReservationSerializer)
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.AlreadyTaken, offers.OfferOver)
    def decline(self, request: Request, public_id: str) -> Response:
        """Somebody else is asked; the caller gets no more offers until they are back."""
        offer = self.get_object()
        offers.decline(offer_id=offer.public_id, agent=self._agent())
        return self._now()

    def _agent(self) -> Agent:
        agent: Agent | None = getattr(self.request.user, "agent", None)
        if agent is None:
            raise NotAnAgent()
        return agent

    def _now(self) -> Response:
        found: Any = self.get_serializer(self.get_object())
        return Response(found.data)


api_routes: list[tuple[str, Any, str]] = [("reservations", ReservationViewSet, "reservation")]
