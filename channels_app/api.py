"""How does a program send what a provider approved beforehand? The picker of the inbox, over REST."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import offers, template_filling
from channels_app.offers import Offer, Offered
from common.refusing import refuses
from conversations.models import Message
from customers.idempotency import Answer
from handover import refusals
from handover.api import IDEMPOTENCY_KEY, ConversationViewSet
from handover.desk_api import NotAnAgent
from handover.serializers import MessageSerializer

PLACES_MAX = 50


class PlaceSerializer(serializers.Serializer[Any]):
    """A place to be filled; `key` is its name in `values`, a `kind` other than text wants a link or a code."""

    key = serializers.CharField()
    title = serializers.CharField(source="label")
    kind = serializers.CharField()
    example = serializers.CharField()


class OfferSerializer(serializers.Serializer[Any]):
    """A template that can be sent now, over which session; `text` holds its places as the provider writes them."""

    template = serializers.UUIDField()
    session = serializers.UUIDField()
    channel = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    category = serializers.CharField()
    text = serializers.CharField()
    places = PlaceSerializer(many=True)


class TemplateReplySerializer(serializers.Serializer[Any]):
    """Which template, its places, and over which session (that of the template's channel if not given)."""

    template = serializers.UUIDField()
    values = serializers.DictField(child=serializers.CharField(max_length=1024), required=False, default=dict)
    session = serializers.UUIDField(required=False, allow_null=True, default=None)
    seen_seq = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=2**63 - 1)


class ConversationTemplates(ConversationViewSet):
    """Templates of a conversation's channels."""

    @extend_schema(responses=OfferSerializer(many=True), filters=False)
    def templates(self, request: Request, public_id: str) -> Response:
        """What can be sent now, first where the provider's window is closed."""
        found = [_offer(offer, one) for offer in offers.offers(self.get_object()) for one in offer.templates]
        return Response(OfferSerializer(found, many=True).data)

    @extend_schema(
        request=TemplateReplySerializer,
        responses={201: MessageSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            OpenApiExample(
                "Two places",
                {"template": "01890000-0000-7000-8000-000000000000", "values": {"body_1": "Maya", "body_2": "4711"}},
                request_only=True,
            )
        ],
    )
    @refuses(
        NotAnAgent,
        refusals.AlreadyTaken,
        refusals.AlreadyClosed,
        refusals.UnseenMessages,
        refusals.ChannelClosed,
        template_filling.NotUsable,
        template_filling.NotFilled,
    )
    def send_template(self, request: Request, public_id: str) -> Response:
        """Fills an approved template and sends it as the calling agent, also when the window is closed."""
        agent = self._agent()
        asked = TemplateReplySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        if len(given["values"]) > PLACES_MAX:
            raise serializers.ValidationError({"values": "No template has so many places."})

        def act(key: str) -> Answer:
            conversation = self.get_object()
            offers.send(conversation=conversation, agent=agent, client_id=key, **given)
            message = Message.objects.select_related("session").get(
                session__conversation=conversation, client_id=key, author=Message.Author.AGENT
            )
            return Answer(status.HTTP_201_CREATED, _plain(MessageSerializer(message).data))

        return self._once(request, act)


def _offer(offer: Offer, one: Offered) -> dict[str, Any]:
    lines = ("".join(piece.text for piece in pieces) for _, pieces in one.preview)
    return {
        "template": one.row.public_id,
        "session": offer.session.public_id,
        "channel": offer.session.channel,
        "name": one.row.name,
        "language": one.row.language,
        "category": one.row.category,
        "text": "\n".join(filter(None, lines)),
        "places": one.slots,
    }


def _plain(data: Any) -> Any:
    """What is stored with the idempotency key is JSON."""
    return json.loads(JSONRenderer().render(data))
