"""In which shape does the API show conversations, and what may be posted to them?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations import content, filelinks, showing
from conversations.models import Conversation, ConversationEvent, Delivery, Message, Session
from conversations.showing import ShownFile
from handover.models import Note
from handover.naming_owners import Names


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
    owner = serializers.CharField(
        read_only=True, help_text="The login of an agent, the key of a queue or of a connection; '' for the bot."
    )
    queue = serializers.CharField(read_only=True, allow_null=True, help_text="The key of the queue it came through.")
    sessions = SessionSerializer(many=True)

    class Meta:
        model = Conversation
        fields = (
            "id", "customer", "state", "mode", "owner_kind", "owner", "owner_epoch", "queue", "waiting_on", "skill",
            "referrer", "priority", "head_seq", "opened_at", "queued_at", "parked_until", "park_reason",
            "last_message_at", "closed_at", "close_reason", "sessions",
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
    content = serializers.DictField(help_text="By its `type`: text, choice, media, ...")
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
    actor = serializers.SerializerMethodField(help_text="The login of the agent who did it, else ''.")
    data = serializers.SerializerMethodField(  # type: ignore[assignment]  # it hides what a serializer calls its answer
        help_text="What the fact says, by its kind; `agent` by login, `queue` by key; of `owner_changed` the `cause`, "
        "and `from` and `to` with the kind of owner and their login or key."
    )

    class Meta:
        model = ConversationEvent
        fields = ("seq", "kind", "message", "epoch", "actor_kind", "actor", "data", "occurred_at", "recorded_at")

    @staticmethod
    def names_in(rows: Sequence[ConversationEvent]) -> dict[str, Names]:
        """The context that it needs: whom these facts name."""
        return {"names": Names.in_events(rows)}

    def get_actor(self, event: ConversationEvent) -> str:
        return self._names.actor(event)

    def get_data(self, event: ConversationEvent) -> dict[str, Any]:
        return self._names.data(event)

    @property
    def _names(self) -> Names:
        names: Names = self.context["names"]
        return names


class WrittenNoteSerializer(serializers.ModelSerializer[Note]):
    """A private note of the team, or the card that a handover left (`kind`: `card`)."""

    id = serializers.UUIDField(source="public_id")
    agent = serializers.CharField(source="agent.user.username", default="", help_text="The author's login.")
    card = serializers.JSONField(allow_null=True, help_text="What the card says; null of a note.")

    class Meta:
        model = Note
        fields = ("id", "kind", "agent", "text", "card", "created_at")


class RouteStepSerializer(serializers.Serializer[Any]):
    """Who is asked, by login or key, and for how long."""

    kind = serializers.ChoiceField(choices=["agent", "queue"])
    name = serializers.CharField()
    seconds = serializers.IntegerField(allow_null=True, help_text="null: until somebody takes it.")
    needs = serializers.ListField(child=serializers.CharField(), help_text="Beside the skill: `language:es`.")
    state = serializers.ChoiceField(choices=["past", "present", "ahead"])


class RoutePlanSerializer(serializers.Serializer[Any]):
    """Why it goes where it goes: the number of the rule that decided, and every step. Rule 0: nothing was planned."""

    rule = serializers.IntegerField()
    steps = RouteStepSerializer(many=True)


class ReplySerializer(serializers.Serializer[Any]):
    """`session`: the `id` of a session, or of another way to the customer (`ways`); without it, where they wrote last.
    `seen_seq` is the last event the sender has seen."""

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
    """`seen_seq` is the last event the sender has seen: a message of the customer after it is 409. `tags` (all topics,
    by key) and `disposition` say what it was about and what came of it; without a `disposition` the wrap-up begins."""

    reason = serializers.ChoiceField(choices=["resolved", "abandoned", "spam"], default="resolved")
    seen_seq = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=2**63 - 1)
    tags = serializers.ListField(child=serializers.SlugField(max_length=64), max_length=50, required=False)
    disposition = serializers.SlugField(max_length=64, required=False, default="")
