"""How does a program see queues and colleagues, say where an agent is, and let somebody finish? Teams over REST."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import generics, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.refusing import refuses
from handover import board, leading, presence, refusals, statuses
from handover.api import IsStaff
from handover.board import Scope, leads
from handover.desk_api import NotAnAgent
from handover.models import Agent, Queue
from handover.reader import NewestFirst
from handover.team_shapes import (
    AgentSerializer,
    BeatSerializer,
    DrainingSerializer,
    PresenceSerializer,
    QueueSerializer,
    StandingSerializer,
)


class ByTitle(NewestFirst):
    ordering = ("title", "id")


class ByName(NewestFirst):
    ordering = ("name", "id")


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]  # see the import
    skill = django_filters.CharFilter(field_name="skills__key", distinct=True)

    class Meta:
        model = Queue
        fields = ("strategy", "delivery", "is_default", "is_vip")


class QueueViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Queue]):
    """Every queue, for whoever passes conversations on; how one stands is told to those who work there."""

    permission_classes = (IsStaff,)
    serializer_class = QueueSerializer
    pagination_class = ByTitle
    filterset_class = QueueFilter
    lookup_field = "key"
    lookup_value_converter = "slug"
    queryset = (
        Queue.objects.filter(is_archived=False).select_related("fallback", "sla", "hours").prefetch_related("skills")
    )

    def get_serializer_context(self) -> dict[str, Any]:
        agent = _desk_of(self.request)
        roles = dict(agent.memberships.values_list("queue_id", "role")) if agent else {}
        return {**super().get_serializer_context(), "roles": roles}

    @extend_schema(responses=StandingSerializer)
    @action(detail=True, methods=["get"])
    @refuses(refusals.NotLeading)
    def standing(self, request: Request, key: str) -> Response:
        """Who waits and who is there; 403 for those who do not work in it."""
        queue, agent = self.get_object(), _desk_of(request)
        is_member = agent is not None and agent.memberships.filter(queue=queue).exists()
        if not is_member and not _scope(request).is_all:
            raise refusals.NotLeading()
        line = next(line for line in board.read().queues if line.pk == queue.pk)
        return Response(StandingSerializer(line).data)


class AgentFilter(django_filters.FilterSet):  # type: ignore[misc]  # see the import
    queue = django_filters.CharFilter(field_name="queues__key", distinct=True)
    skill = django_filters.CharFilter(field_name="skills__key", distinct=True)
    online = django_filters.BooleanFilter(method="by_presence")

    class Meta:
        model = Agent
        fields = ("is_draining",)

    def by_presence(self, rows: QuerySet[Agent], name: str, value: bool) -> QuerySet[Agent]:
        there = presence.online(clock.now())
        return rows.filter(there) if value else rows.exclude(there)


class AgentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Agent]):
    """Active colleagues, by login."""

    permission_classes = (IsStaff,)
    serializer_class = AgentSerializer
    pagination_class = ByName
    filterset_class = AgentFilter
    lookup_field = "user__username"
    lookup_url_kwarg = "login"
    lookup_value_converter = "str"
    queryset = (
        Agent.objects.filter(is_active=True, user__is_active=True)
        .select_related("user")
        .prefetch_related("skills", "queues")
    )

    def get_serializer_context(self) -> dict[str, Any]:
        """Work is read once for the page."""
        scope, own = _scope(self.request), _desk_of(self.request)
        lines = board.staffing.read(clock.now()) if scope or own else ()
        work = {
            line.pk: line
            for line in lines
            if scope.is_all or (own and line.pk == own.pk) or scope.queues.intersection(line.queues)
        }
        return {**super().get_serializer_context(), "work": work}

    @extend_schema(request=DrainingSerializer, responses=DrainingSerializer)
    @action(detail=True, methods=["put"])
    @refuses(NotAnAgent, refusals.NotLeading)
    def draining(self, request: Request, login: str) -> Response:
        """Nothing new for them, or work again; only by whoever leads a queue of theirs. Audited."""
        given = DrainingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        is_on = given.validated_data["draining"]
        of = leading.drain(agent=_agent(request), of=self.get_object(), is_on=is_on)
        return Response({"draining": of.is_draining})


class Presence(viewsets.GenericViewSet[Agent]):
    """Where the caller is; of others, for those who lead them."""

    permission_classes = (IsStaff,)
    serializer_class = PresenceSerializer
    queryset = Agent.objects.filter(is_active=True, user__is_active=True).select_related("user")
    pagination_class = None

    @extend_schema(operation_id="presence_own")
    @refuses(NotAnAgent)
    def own(self, request: Request) -> Response:
        """The caller's own word, and what others see."""
        return Response(PresenceSerializer(_agent(request)).data)

    @extend_schema(operation_id="presence_say")
    @refuses(NotAnAgent)
    def say(self, request: Request) -> Response:
        """Online, away, busy or offline from now on; `online` also says that the caller is back for offers."""
        agent = _agent(request)
        statuses.say(agent=agent, status=self._given(request))
        return Response(PresenceSerializer(agent).data)

    @extend_schema(request=BeatSerializer, responses={204: None})
    @refuses(NotAnAgent)
    def beat(self, request: Request) -> Response:
        """A program of the agent's is open: every 25 seconds; 75 seconds without one count as offline."""
        given, agent, now = BeatSerializer(data=request.data), _agent(request), clock.now()
        given.is_valid(raise_exception=True)
        presence.heartbeat(agent=agent, at=now)
        if given.validated_data["input"]:
            presence.touched(agent=agent, at=now)
        return Response(status=204)

    @refuses(refusals.NotLeading)
    def theirs(self, request: Request, login: str) -> Response:
        """A colleague's; 403 for those who do not lead them."""
        return Response(PresenceSerializer(self._led(request, login)).data)

    @refuses(NotAnAgent, refusals.NotLeading)
    def say_for(self, request: Request, login: str) -> Response:
        """As if they had said so themselves; their own word replaces it. Audited."""
        of = self._led(request, login)
        leading.set_status(agent=_agent(request), of=of, status=self._given(request))
        return Response(PresenceSerializer(of).data)

    def _given(self, request: Request) -> Agent.Status:
        given = PresenceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Agent.Status(given.validated_data["manual_status"])

    def _led(self, request: Request, login: str) -> Agent:
        found = generics.get_object_or_404(self.get_queryset(), user__username=login)
        own = _desk_of(request)
        if not _scope(request).is_all and not (own and (own == found or leads.leads_agent(own, found))):
            raise refusals.NotLeading()
        return found


def _desk_of(request: Any) -> Agent | None:
    """The caller's desk; administrators may have none."""
    agent: Agent | None = getattr(request.user, "agent", None)
    return agent


def _agent(request: Request) -> Agent:
    agent = _desk_of(request)
    if agent is None:
        raise NotAnAgent()
    return agent


def _scope(request: Any) -> Scope:
    agent = _desk_of(request)
    return Scope(is_all=True) if request.user.is_superuser else leads.of(agent) if agent else Scope()


api_routes: list[tuple[str, Any, str]] = [("queues", QueueViewSet, "queue"), ("agents", AgentViewSet, "agent")]
doors = [
    path("presence/", Presence.as_view({"get": "own", "put": "say"})),
    path("presence/heartbeat/", Presence.as_view({"post": "beat"})),
    path("presence/<str:login>/", Presence.as_view({"get": "theirs", "put": "say_for"})),
]
