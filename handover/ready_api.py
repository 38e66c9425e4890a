"""How does a program read and write ready words and macros? One's own: everybody; a queue's: its lead; all: admins."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from common.pages import CursorPages
from common.problems import Problem
from common.refusing import refuses
from customers.idempotency import Answer
from customers.link_api import once, plain
from handover import macros, ready
from handover.api import IDEMPOTENCY_KEY, IsStaff
from handover.models import Agent, CannedReply, Macro, Queue

Words = TypeVar("Words", CannedReply, Macro)


class NotYourWords(Problem):
    code, title, status = "not_your_words", "These words are not yours to change.", 403


class WhoseSerializer(serializers.ModelSerializer[Any]):
    """Ready words; for the caller alone (`own`), for a queue's agents, or for everybody (neither)."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    own = serializers.BooleanField(required=False, source="is_own", help_text="For the calling agent alone.")
    queue = serializers.SlugRelatedField(
        slug_field="key", queryset=Queue.objects.all(), required=False, allow_null=True, help_text="Its key."
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Who may see it after this is whom the caller may write for."""
        agent: Agent | None = getattr(self.context["request"].user, "agent", None)
        present: Any = self.instance  # one row, never many
        was_own = present is not None and present.owner_id is not None
        is_own = given.pop("is_own", was_own)
        queue = given.get("queue", present.queue if present else None)
        if is_own and (queue is not None or agent is None):
            raise serializers.ValidationError({"own": "What is for oneself has no queue, and needs a desk."})
        given["owner"] = agent if is_own else None
        if not may_write(self.context["request"], owner=given["owner"], queue=queue):
            raise NotYourWords()
        return given


class CannedReplySerializer(WhoseSerializer):
    """Words that an agent calls by `/shortcut`; places such as `{{customer.first_name}}` are filled in when chosen."""

    text = serializers.CharField(max_length=4000)

    class Meta:
        model = CannedReply
        fields = ("id", "shortcut", "title", "language", "text", "own", "queue", "updated_at")
        read_only_fields = ("updated_at",)
        validators: list[Any] = []  # the constraint spans the owner, which is set below; `validate` asks it

    def validate_text(self, text: str) -> str:
        if flaw := ready.flaw(text):
            raise serializers.ValidationError(flaw)
        return text

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given = super().validate(given)
        present: Any = self.instance
        wanted = {name: given.get(name, getattr(present, name, None)) for name in ("shortcut", "owner", "queue")}
        wanted["language"] = given.get("language", getattr(present, "language", ""))
        same = CannedReply.objects.filter(**wanted)
        if (same.exclude(pk=present.pk) if present else same).exists():
            raise serializers.ValidationError({"shortcut": "There are such words already, for the same people."})
        return given


class Actions(serializers.ListField):
    """Steps; one that nobody can read is shown as an empty one."""

    def to_representation(self, kept: Any) -> list[Any]:
        return super().to_representation(macros.read(kept))


class MacroSerializer(WhoseSerializer):
    """Doings by one click, in order: `{"do": "reply", "text": ...}`, `note`, `tag`, `transfer`, `park`, `close`."""

    actions = Actions(child=serializers.DictField(), min_length=1, max_length=macros.MOST)

    class Meta:
        model = Macro
        fields = ("id", "title", "actions", "own", "queue", "updated_at")
        read_only_fields = ("updated_at",)

    def validate_actions(self, actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if flaw := macros.flaw(actions):
            raise serializers.ValidationError(flaw)
        return actions


class ByTitle(CursorPages):
    ordering = ("title", "id")
    page_size = 100


class WordsViewSet(viewsets.ModelViewSet[Words]):
    """Of other agents nothing is shown (404); what is shared is shown to those who have it."""

    permission_classes = (IsStaff,)
    pagination_class = ByTitle
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    http_method_names = ("get", "post", "patch", "delete", "head", "options")
    model: type[Words]

    def get_queryset(self) -> QuerySet[Words]:
        rows: QuerySet[Words] = self.model._default_manager.select_related("queue", "owner")
        agent = getattr(self.request.user, "agent", None)
        return ready.visible(rows, agent) if agent else rows.filter(owner__isnull=True)

    @extend_schema(parameters=[IDEMPOTENCY_KEY])
    @refuses(NotYourWords)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """New words, for those whom the caller may write for."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        return once(request, lambda: Answer(status.HTTP_201_CREATED, plain(self.get_serializer(given.save()).data)))

    @refuses(NotYourWords)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is not named stays as it is."""
        return super().partial_update(request, *args, **kwargs)

    @refuses(NotYourWords)
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The words are gone."""
        return super().destroy(request, *args, **kwargs)

    def perform_update(self, serializer: serializers.BaseSerializer[Words]) -> None:
        self._refuse(serializer.instance)
        serializer.save()

    def perform_destroy(self, instance: Words) -> None:
        self._refuse(instance)
        instance.delete()

    def _refuse(self, row: Any) -> None:
        """As the row is kept, not as the request would have it."""
        present = self.model._default_manager.select_related("owner", "queue").get(pk=row.pk)
        if not may_write(self.request, owner=present.owner, queue=present.queue):
            raise NotYourWords()


def may_write(request: Request, *, owner: Agent | None, queue: Queue | None) -> bool:
    """May the caller write for these people?"""
    agent: Agent | None = getattr(request.user, "agent", None)
    if agent is None:
        return owner is None and request.user.is_superuser
    return ready.may_change(agent, owner_id=owner.pk if owner else None, queue_id=queue.pk if queue else None)


@extend_schema(
    examples=[
        OpenApiExample(
            "For oneself",
            {"shortcut": "hi", "title": "Hi", "text": "Hi {{customer.first_name}}", "own": True},
            request_only=True,
        )
    ]
)
class CannedReplyViewSet(WordsViewSet[CannedReply]):
    """Ready replies."""

    model = CannedReply
    queryset = CannedReply.objects.all()
    serializer_class = CannedReplySerializer


class MacroViewSet(WordsViewSet[Macro]):
    """Macros."""

    model = Macro
    queryset = Macro.objects.all()
    serializer_class = MacroSerializer


api_routes: list[tuple[str, Any, str]] = [
    ("canned-replies", CannedReplyViewSet, "canned-reply"),
    ("macros", MacroViewSet, "macro"),
]
