"""In which shape does the API show conversations, and what may be posted to them?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations import content, filelinks, showing
from conversations.models import Conversation, ConversationEvent, Delivery, Message, Session
from conversations.showing import ShownFile


class SessionSerializer(serializers.ModelSerializer[Session]):
    """One endpoint's stretch of the conversation; give its `id` to answer there."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = Session
        fields = ("id", "channel", "kind", "assurance", "opened_at", "last_inbound_at", "window_expires_at", "ended_at")


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """One matter of one person: its state, its one owner, its sessions."""

    id = serializers.UUIDField(source="public_id")
    customer = serializers.UUIDField(source="customer.root.public_id")
    sessions = SessionSerializer(many=True)

    class Meta:
        model = Conversation
        fields = (
            "id", "customer", "state", "mode", "owner_kind", "owner_epoch", "waiting_on", "skill", "referrer",
            "priority", "head_seq", "opened_at", "queued_at", "parked_until", "park_reason", "last_message_at",
            "closed_at", "close_reason", "sessions",
        )  # fmt: skip


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """What became of one wire message."""

    class Meta:
        model = Delivery
        fields = ("part", "state", "reason", "provider_text", "sent_at", "delivered_at", "read_at")


class FileSerializer(serializers.Serializer[Any]):
    """A file; `url` holds for five minutes and is null while there is nothing to open (`state`: coming, failed)."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField(help_text="How it may be shown: image, audio, video, else file.")
    media_type = serializers.CharField(help_text="What the bytes are, whatever the sender called it.")
    size = serializers.IntegerField(help_text="Bytes.")
    state = serializers.ChoiceField(choices=["coming", "stored", "failed"])
    reason = serializers.CharField(help_text="Why it could not be fetched.")
    url = serializers.SerializerMethodField()

    def get_url(self, file: ShownFile) -> str | None:
        if file.state != "stored":
            return None
        return urljoin(settings.PUBLIC_URL, filelinks.for_person(file.id))


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One message: `content` as data, `text` as a person reads it."""

    id = serializers.UUIDField(source="public_id")
    session = serializers.UUIDField(source="session.public_id")
    channel = serializers.CharField(source="session.channel")
    text = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    deliveries = DeliverySerializer(many=True)

    class Meta:
        model = Message
        fields = (
            "id", "session", "channel", "author", "agent_name", "kind", "content", "text", "occurred_at", "recorded_at",
            "files", "deliveries",
        )  # fmt: skip

    @extend_schema_field(FileSerializer(many=True))
    def get_files(self, message: Message) -> Any:
        rows = sorted(message.attachments.all(), key=lambda row: row.pk)
        return FileSerializer([showing.shown(row) for row in rows], many=True).data

    def get_text(self, message: Message) -> str:
        return content.from_json(message.content).plain_text()


class EventSerializer(serializers.ModelSerializer[ConversationEvent]):
    """One fact; `seq` has no gaps."""

    message = serializers.UUIDField(source="message.public_id", default=None)

    class Meta:
        model = ConversationEvent
        fields = ("seq", "kind", "message", "epoch", "actor_kind", "occurred_at", "recorded_at")


class ReplySerializer(serializers.Serializer[Any]):
    """`session` defaults to the one the customer wrote on last; `seen_seq` is the last event the sender has seen."""

    text = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    file = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="What the upload was answered with."
    )
    session = serializers.UUIDField(required=False, allow_null=True, default=None)
    seen_seq = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=2**63 - 1)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["text"].strip() and given["file"] is None:
            raise serializers.ValidationError({"text": "Give words, a file or both."})
        return given


class NoteSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


class CloseSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=["resolved", "abandoned", "spam"], default="resolved")
