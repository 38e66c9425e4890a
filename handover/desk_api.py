"""How does a program pass conversations on, park, reopen and describe them? The desk's other verbs over REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.problems import Problem
from common.refusing import refuses
from conversations.models import Conversation
from customers.idempotency import Answer
from customers.link_api import plain
from handover import desk, going_back, leading, naming_owners, refusals, tagging
from handover.models import Agent, Queue
from handover.serializers import ConversationSerializer
from handover.transferring import REASONS

KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)
# Why a conversation may not be passed on.
PASSING = (
    refusals.AlreadyClosed,
    refusals.NotYours,
    refusals.TargetAway,
    refusals.TargetHasIt,
    refusals.TargetGone,
    refusals.NoteMissing,
)

# What a closed conversation was about, and what came of it.
UNKNOWN = (refusals.NoSuchTopic, refusals.NoSuchDisposition)


class TargetSerializer(serializers.Serializer[Any]):
    """A queue by its key, or a colleague by their login."""

    queue = serializers.SlugField(required=False, default="")
    agent = serializers.CharField(required=False, default="", max_length=150)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given["queue"] = queue_of(given["queue"])
        given["to"] = agent_of(given.pop("agent"))
        if given["queue"] and given["to"]:
            raise serializers.ValidationError({"queue": "Give a queue or an agent, not both."})
        return given


class TransferSerializer(TargetSerializer):
    note = serializers.CharField(
        max_length=4000,
        allow_blank=True,
        help_text="Why, and what is still to be done; for the team only. Never empty.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        given = super().validate(given)
        if not given["queue"] and not given["to"]:
            raise serializers.ValidationError({"queue": "Give a queue or an agent."})
        return given


class EscalateSerializer(TargetSerializer):
    """Without a target it goes to the queue behind the present one."""

    reason = serializers.ChoiceField(choices=list(REASONS))
    note = serializers.CharField(max_length=4000, allow_blank=True, help_text="Never empty.")


class AssignSerializer(serializers.Serializer[Any]):
    agent = serializers.CharField(max_length=150, help_text="The login of the agent; one's own takes it.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"agent": agent_of(given["agent"])}


class ReleaseSerializer(serializers.Serializer[Any]):
    """Where the bot goes on; without a body where it stopped."""

    to = serializers.ChoiceField(
        choices=list(going_back.TO), default="stopped", help_text="Where it stopped, at another step, or the main menu."
    )
    step = serializers.CharField(
        max_length=100,
        required=False,
        default="",
        help_text="With `to: step`, the id of a step of the journey that stopped; 422 `no_such_step` names them.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if (given["to"] == "step") != bool(given["step"]):
            raise serializers.ValidationError({"step": "Goes with `to: step`, and with nothing else."})
        return given


class ParkSerializer(serializers.Serializer[Any]):
    """Without `until` it rests until the customer writes, at most a week. `seen_seq` is the last event the sender has
    seen: a message of the customer after it is 409."""

    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    seen_seq = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=2**63 - 1)


class TagsSerializer(serializers.Serializer[Any]):
    """All topics of the conversation, by key."""

    tags = serializers.ListField(child=serializers.SlugField(max_length=64), max_length=50)


class WrapUpSerializer(serializers.Serializer[Any]):
    tags = serializers.ListField(child=serializers.SlugField(max_length=64), max_length=50, required=False)
    disposition = serializers.SlugField(max_length=64, required=False, default="")


class NotAnAgent(Problem):
    code = "not_an_agent"
    title = "Only an agent can do this: the account has no desk."
    status = 403


class DeskVerbs:
    """Beside claim, reply, release and close; mixed into the viewset of conversations, which brings the helpers."""

    get_object: Callable[[], Conversation]
    request: Any
    _now: Callable[[], Response]
    _once: Callable[[Request, Callable[[str], Answer]], Response]

    @extend_schema(request=AssignSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    @refuses(
        NotAnAgent,
        refusals.NotLeading,
        refusals.AlreadyTaken,
        refusals.AlreadyClosed,
        refusals.TargetHasIt,
        refusals.TargetGone,
    )
    def assign(self, request: Request, public_id: str) -> Response:
        """Lays it on an agent's desk at once: one's own, or, for supervisors, anybody's."""
        conversation, agent, to = self.get_object(), self._agent(), _valid(AssignSerializer, request)["agent"]
        if to.pk == agent.pk:
            desk.claim(conversation_id=conversation.pk, agent=agent)
        else:
            leading.force_assign(conversation_id=conversation.pk, agent=agent, to=to)
        return self._now()

    @extend_schema(request=TransferSerializer, responses=ConversationSerializer, parameters=[KEY])
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, *PASSING)
    def transfer(self, request: Request, public_id: str) -> Response:
        """To a queue at once, or offered to a colleague, who has a minute to take it."""
        agent, given = self._agent(), _valid(TransferSerializer, request)

        def act(key: str) -> Answer:
            conversation = self.get_object()
            desk.transfer(conversation_id=conversation.pk, agent=agent, client_id=key, **given)
            return _answer(conversation)

        return self._once(request, act)

    @extend_schema(request=EscalateSerializer, responses=ConversationSerializer, parameters=[KEY])
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, *PASSING)
    def escalate(self, request: Request, public_id: str) -> Response:
        """A transfer with a reason, more priority, and what the target's queue promises."""
        agent, given = self._agent(), _valid(EscalateSerializer, request)

        def act(key: str) -> Answer:
            conversation = self.get_object()
            desk.escalate(conversation_id=conversation.pk, agent=agent, client_id=key, **given)
            return _answer(conversation)

        return self._once(request, act)

    @extend_schema(
        request=ReleaseSerializer,
        responses=ConversationSerializer,
        examples=[OpenApiExample("At a step", {"to": "step", "step": "serial"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.AlreadyClosed, refusals.NotYours, refusals.NoSuchStep)
    def release(self, request: Request, public_id: str) -> Response:
        """Gives the conversation back to the bot, which goes on where it stopped, at a step, or with the menu."""
        conversation, agent = self.get_object(), self._agent()
        desk.release(conversation_id=conversation.pk, agent=agent, **_valid(ReleaseSerializer, request))
        return self._now()

    @extend_schema(request=ParkSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.AlreadyClosed, refusals.NotYours, refusals.BadTime, refusals.UnseenMessages)
    def park(self, request: Request, public_id: str) -> Response:
        """Off the desk until then, or until the customer writes."""
        conversation, agent = self.get_object(), self._agent()
        desk.park(conversation_id=conversation.pk, agent=agent, **_valid(ParkSerializer, request))
        return self._now()

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.NotParked, refusals.NotYours)
    def unpark(self, request: Request, public_id: str) -> Response:
        """Back on the desk of the agent who parked it."""
        desk.unpark(conversation_id=self.get_object().pk, agent=self._agent())
        return self._now()

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"])
    @refuses(NotAnAgent, refusals.NotClosed, refusals.GoesOn)
    def reopen(self, request: Request, public_id: str) -> Response:
        """Closed -> the calling agent's; 409 when the customer has another conversation by now."""
        desk.reopen(conversation_id=self.get_object().pk, agent=self._agent())
        return self._now()

    @extend_schema(request=None, responses=ConversationSerializer)
    @action(detail=True, methods=["post"], url_path="take-over")
    @refuses(NotAnAgent, refusals.NotLeading, refusals.AlreadyClosed, refusals.NotYours)
    def take_over(self, request: Request, public_id: str) -> Response:
        """Another agent's -> the calling supervisor's."""
        leading.barge_in(conversation_id=self.get_object().pk, agent=self._agent())
        return self._now()

    @extend_schema(responses=TagsSerializer, filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def tags(self, request: Request, public_id: str) -> Response:
        """The topics of the conversation."""
        return Response({"tags": tagging.keys_of(self.get_object())})

    @extend_schema(request=TagsSerializer, responses=TagsSerializer)
    @tags.mapping.put
    @refuses(NotAnAgent, refusals.NoSuchTopic)
    def put_tags(self, request: Request, public_id: str) -> Response:
        """The conversation is about these topics and no others."""
        conversation, keys = self.get_object(), _valid(TagsSerializer, request)["tags"]
        desk.tag(conversation_id=conversation.pk, agent=self._agent(), keys=keys)
        return Response({"tags": tagging.keys_of(conversation)})

    @extend_schema(request=WrapUpSerializer, responses=ConversationSerializer)
    @action(detail=True, methods=["post"], url_path="wrap-up")
    @refuses(NotAnAgent, refusals.NotClosed, refusals.NotYours, *UNKNOWN)
    def wrap_up(self, request: Request, public_id: str) -> Response:
        """What it was about and what came of it; the wrap-up is over."""
        conversation, given = self.get_object(), _valid(WrapUpSerializer, request)
        desk.wrap_up(conversation_id=conversation.pk, agent=self._agent(), **given)
        return self._now()

    def _agent(self) -> Agent:
        agent: Agent | None = getattr(self.request.user, "agent", None)
        if agent is None:
            raise NotAnAgent()
        return agent


def agent_of(login: str) -> Agent | None:
    """The active agent with this login; None if none is named."""
    if not login:
        return None
    found = Agent.objects.select_related("user").filter(user__username=login, is_active=True).first()
    if found is None:
        raise serializers.ValidationError({"agent": "There is no such agent."})
    return found


def queue_of(key: str) -> Queue | None:
    """The queue with this key; None if none is named."""
    if not key:
        return None
    found = Queue.objects.filter(key=key, is_archived=False).first()
    if found is None:
        raise serializers.ValidationError({"queue": "There is no such queue."})
    return found


def _valid(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _answer(conversation: Conversation) -> Answer:
    """The conversation as it is now; for somebody who may not see it any more, too."""
    now = naming_owners.named(Conversation.objects.select_related("customer__root")).get(pk=conversation.pk)
    return Answer(status.HTTP_200_OK, plain(ConversationSerializer(now).data))
