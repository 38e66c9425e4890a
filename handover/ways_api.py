"""How does a program learn where a customer can be answered, and why not elsewhere? What the inbox's picker shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import answerable
from conversations.models import Conversation
from conversations.sessions import ReplyOption
from customers import pages_words


class ReplyWaySerializer(serializers.Serializer[Any]):
    """One way to the customer; give its `id` as `session` to answer there."""

    id = serializers.UUIDField(allow_null=True, help_text="Null where nothing of theirs is known on such a channel.")
    channel = serializers.CharField(allow_blank=True, help_text="The key of the channel.")
    kind = serializers.CharField()
    address = serializers.CharField(allow_blank=True, help_text="Masked where the conversation is not held there.")
    is_here = serializers.BooleanField(help_text="Is it a session of this conversation? Else a reply begins one.")
    reason = serializers.CharField(
        allow_blank=True, help_text="Why free words cannot be sent there now; '' if they can."
    )
    needs_template = serializers.BooleanField(help_text="A template that the provider has approved can be sent there.")
    window_expires_at = serializers.DateTimeField(allow_null=True)


class WaysShown:
    """Mixed into the viewset of conversations, which brings the helpers."""

    get_object: Callable[[], Conversation]

    @extend_schema(responses=ReplyWaySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def ways(self, request: Request, public_id: str) -> Response:
        """Where the customer can be answered, the default first, and where not, with the reason."""
        found = answerable.everywhere(conversation=self.get_object())
        rows = [_row(one) for one in (*found.here, *found.others)] + [_unlinked(kind) for kind in found.unlinked]
        return Response(ReplyWaySerializer(rows, many=True).data)


def _row(option: ReplyOption) -> dict[str, Any]:
    session = option.session
    return {
        "id": session.public_id,
        "channel": session.channel,
        "kind": session.kind,
        "address": pages_words.address(session.identity, is_whole=session.pk is not None),
        "is_here": session.pk is not None,
        "reason": option.reason,
        "needs_template": option.needs_template,
        "window_expires_at": option.window_expires_at,
    }


def _unlinked(kind: str) -> dict[str, Any]:
    nothing = {"id": None, "channel": "", "address": "", "is_here": False, "needs_template": False}
    return {**nothing, "kind": kind, "reason": "not linked", "window_expires_at": None}
