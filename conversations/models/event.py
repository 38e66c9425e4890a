"""What happened, in which order?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation, Session
from conversations.models.message import Message


class ConversationEvent(models.Model):
    """An append-only fact; `seq` numbers the agents' stream without gaps, `session_seq` the endpoint's own stream.

    `data` holds ids and enumerations only, never what a customer wrote.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="events")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    session_seq = models.BigIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=32)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    epoch = models.BigIntegerField(null=True, blank=True)
    actor_kind = models.CharField(max_length=10, blank=True, default="")
    actor_id = models.BigIntegerField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=64, blank=True, default="")
    source_event_id = models.CharField(max_length=255, blank=True, default="")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="event_seq_once"),
            models.UniqueConstraint(
                fields=["session", "session_seq"],
                condition=Q(session_seq__isnull=False),
                name="event_session_seq_once",
            ),
            models.UniqueConstraint(
                fields=["conversation", "epoch"], condition=Q(kind="owner_changed"), name="event_epoch_once"
            ),
            models.UniqueConstraint(
                fields=["source", "source_event_id"], condition=~Q(source=""), name="event_source_once"
            ),
        ]
        indexes = [
            # Analytics reads past a cursor.
            models.Index(fields=["recorded_at", "id"], name="event_cursor"),
            # Supervisors' board: who called for help lately. A handful of rows among millions.
            models.Index(fields=["-recorded_at"], condition=Q(kind="supervisor_called"), name="event_called"),
        ]

    def __str__(self) -> str:
        return f"event {self.conversation_id}/{self.seq} {self.kind}"
