"""Which topics, outcomes and promises are there, and what do customers say of us? Read over REST."""

from __future__ import annotations

from typing import Any

import django_filters  # type: ignore[import-untyped]  # it ships no types
from django.db.models import QuerySet
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from customers import audit
from handover.api import IsStaff
from handover.board import leads
from handover.models import Agent, Disposition, Queue, Rating, SlaPolicy, Tag
from handover.reader import NewestFirst


class ByTitle(NewestFirst):
    ordering = ("title", "id")


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A topic; archived ones are given to nothing new."""

    class Meta:
        model = Tag
        fields = ("key", "title", "is_archived")


class DispositionSerializer(serializers.ModelSerializer[Disposition]):
    """An outcome."""

    class Meta:
        model = Disposition
        fields = ("key", "title", "is_archived")


class SlaPolicySerializer(serializers.ModelSerializer[SlaPolicy]):
    """A promise, in minutes of the queue's opening hours; null promises nothing."""

    queues = serializers.SerializerMethodField(help_text="Keys of the queues that promise it.")

    class Meta:
        model = SlaPolicy
        fields = (
            "title", "first_minutes", "next_minutes", "resolution_minutes", "warn_percent", "breach_priority", "queues",
        )  # fmt: skip

    def get_queues(self, policy: SlaPolicy) -> list[str]:
        found: list[str] = self.context["queues"].get(policy.pk, [])
        return found


class Tags(mixins.ListModelMixin, viewsets.GenericViewSet[Tag]):
    """The topics that agents may give."""

    permission_classes = (IsStaff,)
    serializer_class = TagSerializer
    pagination_class = ByTitle
    filterset_fields = ("is_archived",)
    queryset = Tag.objects.all()


class Dispositions(mixins.ListModelMixin, viewsets.GenericViewSet[Disposition]):
    """The outcomes that a wrap-up may name."""

    permission_classes = (IsStaff,)
    serializer_class = DispositionSerializer
    pagination_class = ByTitle
    filterset_fields = ("is_archived",)
    queryset = Disposition.objects.all()


class SlaPolicies(mixins.ListModelMixin, viewsets.GenericViewSet[SlaPolicy]):
    """What queues promise."""

    permission_classes = (IsStaff,)
    serializer_class = SlaPolicySerializer
    pagination_class = ByTitle
    queryset = SlaPolicy.objects.all()

    def get_serializer_context(self) -> dict[str, Any]:
        queues: dict[int, list[str]] = {}
        rows = Queue.objects.filter(is_archived=False, sla__isnull=False).order_by("key")
        for policy_id, key in rows.values_list("sla_id", "key"):
            queues.setdefault(policy_id or 0, []).append(key)
        return {**super().get_serializer_context(), "queues": queues}


class RatingSerializer(serializers.ModelSerializer[Rating]):
    """A customer was asked how it went; `score` is 1 (bad) to 5, null without an answer."""

    conversation = serializers.UUIDField(source="conversation.public_id")
    queue = serializers.CharField(source="queue.key", default=None)
    agent = serializers.CharField(source="agent.user.username", default=None, help_text="The login of the agent.")
    channel = serializers.CharField(source="session.channel")
    comment = serializers.CharField(help_text="What the customer added.")

    class Meta:
        model = Rating
        fields = ("conversation", "queue", "agent", "channel", "score", "comment", "asked_at", "answered_at")


class RatingFilter(django_filters.FilterSet):  # type: ignore[misc]  # see the import
    queue = django_filters.CharFilter(field_name="queue__key")
    agent = django_filters.CharFilter(field_name="agent__user__username")
    answered = django_filters.BooleanFilter(field_name="score", lookup_expr="isnull", exclude=True)
    asked_after = django_filters.IsoDateTimeFilter(field_name="asked_at", lookup_expr="gt")
    asked_before = django_filters.IsoDateTimeFilter(field_name="asked_at", lookup_expr="lt")

    class Meta:
        model = Rating
        fields = ("score",)


class LatestFirst(NewestFirst):
    ordering = ("-asked_at", "-id")


class Ratings(mixins.ListModelMixin, viewsets.GenericViewSet[Rating]):
    """The caller's own; supervisors see those of the queues they lead, administrators all. Each page is audited."""

    permission_classes = (IsStaff,)
    serializer_class = RatingSerializer
    pagination_class = LatestFirst
    filterset_class = RatingFilter

    def get_queryset(self) -> QuerySet[Rating]:
        rows = Rating.objects.select_related("conversation", "queue", "agent__user", "session")
        agent: Agent | None = getattr(self.request.user, "agent", None)
        if self.request.user.is_superuser:
            return rows
        if agent is None:
            return rows.none()
        return rows.filter(agent=agent) | rows.filter(queue_id__in=leads.of(agent).queues)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With the customers' words."""
        answer = super().list(request, *args, **kwargs)
        audit.record(actor=f"user:{request.user.pk}", action="ratings.list", rows=len(answer.data["results"]))
        return answer


api_routes: list[tuple[str, Any, str]] = [
    ("tags", Tags, "tag"),
    ("dispositions", Dispositions, "disposition"),
    ("sla-policies", SlaPolicies, "sla-policy"),
    ("ratings", Ratings, "rating"),
]
