"""How does a program read conversations, answer customers and move the owner? The desk's verbs over REST."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common import numbers
from common.files import File
from common.parsing import FILE_NAME_HEADER, RawParser
from common.refusing import refuses
from conversations import attachments, content, showing
from conversations.models import Conversation, Message
from customers import idempotency
from handover import desk, refusals
from handover.desk_api import UNKNOWN, DeskVerbs, NotAnAgent
from handover.filter_api import ConversationFilter
from handover.filters import BadFilter
from handover.models import Agent
from handover.plan_api import PlanShown
from handover.reader import NewestFirst, NotesNewestFirst, ReadByStaff
from handover.reads import TooManyReads
from handover.serializers import (
    CloseSerializer,
    ConversationSerializer,
    EventSerializer,
    FileSerializer,
    MessageSerializer,
    NoteSerializer,
    ReplySerializer,
    WrittenNoteSerializer,
)

EVENTS_PAGE = 200

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="Up to 255 characters; a repetition with the same body gets the first answer and sends nothing.",
)

FILE_NAME = OpenApiParameter(
    FILE_NAME_HEADER, str, OpenApiParameter.HEADER, description="The file's name in UTF-8, percent-encoded."
)


class IsStaff(permissions.BasePermission):
    """An active agent, or an administrator."""

    def has_permission(self, request: Request, view: Any) -> bool:
        agent = getattr(request.user, "agent", None)
        return bool(request.user.is_authenticated and (request.user.is_superuser or (agent and agent.is_active)))


class MayRead(IsStaff):
    """And an outside engine, one conversation at a time: it, and what was said, what happened and what is planned."""

    ENGINES = frozenset(("retrieve", "messages", "events", "plan"))

    def has_permission(self, request: Request, view: Any) -> bool:
        is_asked = view.action in self.ENGINES and view.is_engine()
        return is_asked or super().has_permission(request, view)


class MessagesNewestFirst(NewestFirst):
    ordering = ("-occurred_at", "-id")


@refuses(TooManyReads)
class ConversationViewSet(
    DeskVerbs,
    PlanShown,
    ReadByStaff,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Conversation],
):
    """Conversations that the caller may see; what they may not see does not exist for them (404)."""

    permission_classes = (MayRead,)
    serializer_class = ConversationSerializer
    filterset_class = ConversationFilter
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    known_parameters: tuple[str, ...] = ()

    @refuses(BadFilter)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What the filter leaves of it, what moved last first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=MessageSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=MessagesNewestFirst, filterset_class=None)
    def messages(self, request: Request, public_id: str) -> Response:
        """The messages of the conversation over all its channels, the newest first."""
        conversation = self.get_object()
        rows: QuerySet[Any] = Message.objects.filter(session__conversation=conversation)
        rows = rows.select_related("session").prefetch_related("deliveries", "attachments")
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(MessageSerializer(page, many=True).data)

    @extend_schema(
        request=ReplySerializer,
        responses={201: MessageSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            OpenApiExample("Answer where the customer wrote last", {"text": "Hello Maya"}, request_only=True),
            OpenApiExample("Only if nothing came in since", {"text": "Hello Maya", "seen_seq": 12}, request_only=True),
        ],
    )
    @messages.mapping.post
    @refuses(NotAnAgent, refusals.AlreadyTaken, refusals.AlreadyClosed, refusals.UnseenMessages, refusals.ChannelClosed)
    def reply(self, request: Request, public_id: str) -> Response:
        """Answers the customer as the calling agent; claims the conversation when the bot or a queue owns it."""
        agent, given = self._agent(), _valid(ReplySerializer, request)

        def act(key: str) -> idempotency.Answer:
            conversation = self.get_object()
            try:
                desk.reply(
                    conversation_id=conversation.pk,
                    agent=agent,
                    content=_content(agent, conversation, given, key),
                    client_id=key,
                    way=given["session"],
                    seen_seq=given["seen_seq"],
                )
            except desk.NoSuchWay as error:
                raise serializers.ValidationError({"session": "There is no such way to this customer."}) from error
            message = Message.objects.select_related("session").get(
                session__conversation=conversation, client_id=key, author=Message.Author.AGENT
            )
            return idempotency.Answer(status.HTTP_201_CREATED, _plain(MessageSerializer(message).data))

        return self._once(request, act)

    @extend_schema(
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: FileSerializer},
        parameters=[IDEMPOTENCY_KEY, FILE_NAME],
    )
    @action(detail=True, methods=["post"], parser_classes=[RawParser])
    @refuses(NotAnAgent, attachments.Unwelcome)
    def files(self, request: Request, public_id: str) -> Response:
        """Keeps a file, the body of the request, for a reply that names it; at most 25 MB."""
        agent, given = self._agent(), cast(dict[str, File], request.data)
        file = given.get("file", File(b""))  # the framework has no body of no bytes parsed

        def act(key: str) -> idempotency.Answer:
            conversation = self.get_object()
            made = attachments.upload(file=file, customer_id=conversation.customer_id, uploader=f"agent:{agent.pk}")
            return idempotency.Answer(status.HTTP_201_CREATED, _plain(FileSerializer(showing.shown(made)).data))

        return self._once(request, act)

    @extend_schema(responses=WrittenNoteSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=NotesNewestFirst, filterset_class=None)
    def notes(self, request: Request, public_id: str) -> Response:
        """What only the team sees: notes, and the cards that handovers left, the newest first."""
        rows: QuerySet[Any] = self.get_object().notes.select_related("agent__user")
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(WrittenNoteSerializer(page, many=True).data)

    @extend_schema(
        request=NoteSerializer,
        responses={201: NoteSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[OpenApiExample("A note", {"text": "Prefers to be called in the morning."}, request_only=True)],
    )
    @notes.mapping.post
    @refuses(NotAnAgent)
    def note(self, request: Request, public_id: str) -> Response:
        """Adds a private note that only the team sees."""
        agent, text = self._agent(), _valid(NoteSerializer, request)["text"]

        def act(key: str) -> idempotency.Answer:
            conversation = self.get_object()
            desk.note(conversation_id=conversation.pk, agent=agent, text=text, client_id=key)
            return idempotency.Answer(status.HTTP_201_CREATED, {"text": text})

        return self._once(request, act)

    @extend_schema(
        responses=EventSerializer(many=True),
        parameters=[OpenApiParameter("after", int, description="The last seq the caller has.", default=0)],
    )
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None, known_parameters=("after",))
    def events(self, request: Request, public_id: str) -> Response:
        """At most 200 facts after a seq, the oldest first."""
        after = request.query_params.get("after", "0")
        seq = numbers.whole(after, digits=18)
        if seq is None:
            raise serializers.ValidationError({"after": "Give the seq as a whole number."})
        found = self.get_object().events.filter(seq__gt=seq).select_related("message").order_by("seq")
        rows = list(found[:EVENTS_PAGE])
        return Response(EventSerializer(rows, many=True, context=EventSerializer.names_in(rows)).data)

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.AlreadyTaken, refusals.AlreadyClosed)
    def claim(self, request: Request, public_id: str) -> Response:
        """Takes the conversation; 409 when another agent was faster."""
        desk.claim(conversation_id=self.get_object().pk, agent=self._agent())
        return self._now()

    @extend_schema(
        request=CloseSerializer,
        responses=ConversationSerializer,
        examples=[OpenApiExample("Done", {"reason": "resolved"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.AlreadyClosed, refusals.NotYours, refusals.UnseenMessages, *UNKNOWN)
    def close(self, request: Request, public_id: str) -> Response:
        """Ends the conversation. Resolved, it opens again if its customer comes back to it within a day."""
        conversation, agent = self.get_object(), self._agent()
        desk.close(conversation_id=conversation.pk, agent=agent, **_valid(CloseSerializer, request))
        return self._now()

    def _now(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def _once(self, request: Request, act: Callable[[str], idempotency.Answer]) -> Response:
        """The first answer again, also to who has lost sight of the conversation: only `act` looks for it."""
        key, actor = request.headers.get("Idempotency-Key", ""), f"user:{request.user.pk}"
        body = json.dumps([request.path, request.data], sort_keys=True, default=_written).encode()
        client_id = "api:" + hashlib.sha256(f"{actor}\n{key}".encode()).hexdigest()[:40]
        answer = idempotency.answer_once(actor=actor, key=key, body=body, act=lambda: act(client_id))
        headers = {"Idempotent-Replay": "true"} if answer.is_replay else {}
        return Response(answer.body, status=answer.status, headers=headers)


def _valid(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _content(agent: Agent, conversation: Conversation, given: dict[str, Any], client_id: str) -> content.Content:
    """The words, or the caller's own upload for this customer with the words below it."""
    if given["file"] is None:
        return content.Text(given["text"])
    try:
        found = attachments.waiting(
            public_id=given["file"],
            uploader=f"agent:{agent.pk}",
            client_id=client_id,
            root_id=conversation.customer.root_id,
        )
    except attachments.NotAvailable as error:
        raise serializers.ValidationError({"file": "There is no such upload."}) from error
    return attachments.as_content(found, caption=given["text"])


def _written(value: object) -> object:
    """What stands for a value when two bodies are compared."""
    if isinstance(value, File):
        return [hashlib.sha256(value.content).hexdigest(), value.media_type, value.name]
    return str(value)


def _plain(data: Any) -> Any:
    return json.loads(JSONRenderer().render(data))


api_routes: list[tuple[str, Any, str]] = [("conversations", ConversationViewSet, "conversation")]
