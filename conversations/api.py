"""How does a program read journeys?"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, viewsets

from common.pages import CursorPages
from conversations.answers.article_api import ArticleViewSet
from conversations.connection_api import ConnectionViewSet
from conversations.models import Journey, JourneyRun


class ByKey(CursorPages):
    ordering = "key"
    page_size = 50


class JourneySerializer(serializers.ModelSerializer[Journey]):
    """A journey as new runs take it: `version` is null while none was published."""

    version = serializers.IntegerField(source="live_version.number", default=None, read_only=True)
    definition = serializers.JSONField(source="live_version.definition", default=None, read_only=True)
    open_runs = serializers.SerializerMethodField(help_text="Runs that have begun and not ended, of any version.")

    class Meta:
        model = Journey
        fields = ("key", "title", "is_enabled", "version", "definition", "open_runs", "updated_at")

    def get_open_runs(self, journey: Journey) -> int:
        return JourneyRun.objects.filter(version__journey=journey, status__in=JourneyRun.OPEN).count()


class JourneyViewSet(viewsets.ReadOnlyModelViewSet[Journey]):
    """Journeys, by key."""

    queryset = Journey.objects.select_related("live_version").order_by("key")
    serializer_class = JourneySerializer
    pagination_class = ByKey
    lookup_field = "key"
    filterset_fields = ("is_enabled",)


api_routes: list[tuple[str, Any, str]] = [
    ("journeys", JourneyViewSet, "journey"),
    ("articles", ArticleViewSet, "article"),
    ("connections", ConnectionViewSet, "connection"),
]
