"""How does a program see which back ends are connected? Read only: secrets go in by the back office, and never out."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.pages import CursorPages
from conversations.journeys import breaker
from conversations.models import Connection


class MayView(BasePermission):
    """Who may view connections in the back office."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return bool(user and user.is_authenticated and user.has_perm("conversations.view_connection"))


class ByKey(CursorPages):
    ordering = "key"
    page_size = 50


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """A connection as journeys name it; of its secret headers only whether there are any."""

    has_headers = serializers.SerializerMethodField(help_text="Whether secret headers are stored.")
    breaker = serializers.SerializerMethodField(help_text="`open`: nothing is called; `half_open`: one call probes.")

    class Meta:
        model = Connection
        fields = (
            "key", "title", "base_url", "methods", "ports", "seconds", "max_bytes", "per_minute", "health_path",
            "cancel_path", "is_enabled", "has_headers", "breaker", "updated_at",
        )  # fmt: skip

    def get_has_headers(self, connection: Connection) -> bool:
        return bool(connection.headers)

    @extend_schema_field(serializers.ChoiceField(choices=["closed", "open", "half_open"]))
    def get_breaker(self, connection: Any) -> str:
        return breaker.stands(getattr(connection, "state", None), connection.moment)


class ConnectionViewSet(viewsets.ReadOnlyModelViewSet[Connection]):
    """Connections to back ends, by key."""

    queryset = Connection.objects.select_related("state").annotate(moment=Now()).order_by("key")
    serializer_class = ConnectionSerializer
    permission_classes = (MayView,)
    pagination_class = ByKey
    lookup_field = "key"
    filterset_fields = ("is_enabled",)
