"""How does a program read and write named lists? One's own: every agent; a queue's: its lead; everybody's: admins."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.pages import CursorPages
from common.refusing import refuses
from conversations.models import Session
from customers.idempotency import Answer
from customers.link_api import once, plain
from handover import filters, listing, naming_owners, saved_views
from handover.api import IDEMPOTENCY_KEY, IsStaff
from handover.desk_api import NotAnAgent
from handover.models import Agent, Queue, SavedView
from handover.reader import Conversations
from handover.reads import TooManyReads
from handover.serializers import ConversationSerializer

EXAMPLE = OpenApiExample(
    "What waits for me on WhatsApp",
    {"title": "My WhatsApp", "filters": {"owner": "me", "channel": "whatsapp", "waiting": "us"}},
    request_only=True,
)


class Filters(serializers.DictField):
    """Names and values; what is kept in another shape keeps nothing back."""

    def get_attribute(self, view: SavedView) -> Any:
        return view.filters if isinstance(view.filters, dict) else {}


class ViewSerializer(serializers.ModelSerializer[SavedView]):
    """A filter with a name: for the caller alone, for a queue's agents (`queue`), or for all (`everybody`)."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    filters = Filters(
        child=serializers.CharField(max_length=200, allow_blank=True),
        help_text="By name: state, owner, queue, channel, tag, waiting, unread, mentions, sla, mode, q.",
    )
    queue = serializers.SlugRelatedField(
        slug_field="key", queryset=Queue.objects.all(), required=False, allow_null=True, help_text="Its key."
    )
    everybody = serializers.BooleanField(required=False, default=False, write_only=True)
    own = serializers.SerializerMethodField(help_text="Nobody else has it.")
    count = serializers.SerializerMethodField(help_text="How many there are; 1000 stands for 1000 or more.")

    class Meta:
        model = SavedView
        fields = ("id", "title", "filters", "queue", "everybody", "own", "count", "position")
        read_only_fields = ("position",)

    def validate_filters(self, given: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(given) - set(filters.NAMES))
        if unknown:
            raise serializers.ValidationError(f"There is no {unknown[0]}.")
        try:
            return filters.read(given, self.context["request"].user.agent).to_json()
        except filters.BadFilter as problem:
            raise serializers.ValidationError(problem.detail) from problem

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("queue") is not None and given.get("everybody"):
            raise serializers.ValidationError({"everybody": "Give a queue or everybody, not both."})
        return given

    def get_own(self, view: SavedView) -> bool:
        return view.owner_id is not None

    def get_count(self, view: SavedView) -> int:
        asked = saved_views.filter_of(view)
        rows = listing.of(self.context["request"].user.agent, asked)
        return listing.counts({"all": (rows, listing.MOST)})["all"].all


class InOrder(CursorPages):
    ordering = ("position", "title", "id")
    page_size = 100


@refuses(NotAnAgent)
class ViewViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, viewsets.GenericViewSet[SavedView]
):
    """The caller's own views and those that are shared with them; of others nothing is shown (404)."""

    permission_classes = (IsStaff,)
    pagination_class = InOrder
    queryset = SavedView.objects.none()  # for the schema; `get_queryset` asks who calls
    serializer_class = ViewSerializer
    lookup_field = "public_id"
    lookup_value_converter = "uuid"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A view is somebody's way to see: an account without a desk has none."""
        super().initial(request, *args, **kwargs)
        if getattr(request.user, "agent", None) is None:
            raise NotAnAgent()

    def get_queryset(self) -> QuerySet[SavedView]:
        return saved_views.visible_to(self._agent())

    @extend_schema(parameters=[IDEMPOTENCY_KEY], examples=[EXAMPLE])
    @refuses(saved_views.NotYourView, saved_views.TooManyViews)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A new view, the last of its kind."""
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        made = {"title": given["title"], "queue": given.get("queue"), "is_shared": given["everybody"]}

        def act() -> Answer:
            asked = filters.read(given["filters"])
            view = saved_views.create(agent=self._agent(), asked=asked, **made)
            return Answer(status.HTTP_201_CREATED, plain(self.get_serializer(view).data))

        return once(request, act)

    @refuses(saved_views.NotYourView)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """Title and filter; whose it is stays."""
        view = self.get_object()
        form = self.get_serializer(view, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        asked = filters.read(given["filters"]) if "filters" in given else None
        saved_views.change(agent=self._agent(), view=view, title=given.get("title"), asked=asked)
        return Response(self.get_serializer(view).data)

    @refuses(saved_views.NotYourView)
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The view is gone; what stood in it stays."""
        return super().destroy(request, *args, **kwargs)

    def perform_destroy(self, instance: SavedView) -> None:
        saved_views.remove(agent=self._agent(), view=instance)

    @extend_schema(responses=ConversationSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=Conversations)
    @refuses(TooManyReads)
    def conversations(self, request: Request, public_id: str) -> Response:
        """What stands in it, what moved last first."""
        rows = listing.of(self._agent(), saved_views.filter_of(self.get_object()))
        sessions = Prefetch("sessions", Session.objects.order_by("id"))
        found: Any = naming_owners.named(rows).select_related("customer__root").prefetch_related(sessions)
        page: Any = self.paginate_queryset(found)
        return self.get_paginated_response(ConversationSerializer(page, many=True).data)

    def _agent(self) -> Agent:
        agent: Agent = self.request.user.agent  # type: ignore[union-attr]  # `initial` has refused who has none
        return agent


api_routes: list[tuple[str, Any, str]] = [("views", ViewViewSet, "view")]
