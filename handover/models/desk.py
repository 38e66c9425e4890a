"""What stands on an agent's desk: notes, drafts, ready words, views, and what they have seen?"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common.fields import EncryptedJSONField, EncryptedTextField
from common.ids import uuid7
from handover.models.team import Agent, Queue


class Note(models.Model):
    """What only the team sees: a private note, or the handover card (`kind=card`, `card` filled)."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.PROTECT, related_name="notes")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4, choices=[("note", "note"), ("card", "card")], default="note")
    agent = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    client_id = models.CharField(max_length=80, blank=True, default="")
    text = EncryptedTextField(blank=True, default="")
    card = EncryptedJSONField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "client_id"],
                condition=~models.Q(client_id=""),
                name="note_client_id_once",
            ),
        ]

    def __str__(self) -> str:
        return f"note {self.public_id}"


class Mention(models.Model):
    """A note names a colleague; `seen_at` once they have looked."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "agent"], name="mention_once")]
        indexes = [
            # The view "Mentions" and its number.
            models.Index(fields=["agent"], condition=Q(seen_at__isnull=True), name="mention_unseen"),
        ]

    def __str__(self) -> str:
        return f"mention of {self.agent_id}"


class Draft(models.Model):
    """What an agent has begun to write and not sent, kept for every screen of theirs; the newest wins."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="drafts")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=5, choices=[("reply", "reply"), ("note", "note")], default="reply")
    text = EncryptedTextField()
    session = models.ForeignKey(
        "conversations.Session", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "agent", "kind"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of {self.agent_id}"


class ReadyWords(models.Model):
    """Words or doings kept ready: for everybody, for a queue, or for their owner alone."""

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    title = models.CharField(max_length=80)
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def is_own(self) -> bool:
        """For its owner alone."""
        return self.owner_id is not None


class CannedReply(ReadyWords):
    """Ready words that an agent calls by `/shortcut`; `{{ name }}`-like places are filled in when it is chosen."""

    shortcut = models.SlugField(max_length=40)
    text = models.TextField()
    language = models.CharField(max_length=8, blank=True, default="")

    class Meta:
        verbose_name_plural = "canned replies"
        constraints = [
            models.UniqueConstraint(
                fields=["shortcut", "language", "queue", "owner"], nulls_distinct=False, name="canned_once"
            ),
        ]


class Macro(ReadyWords):
    """Several doings by one click, shown before they are done.

    `actions` is [{"do": "reply", "text": ...}, {"do": "tag", "tag": "refund"}, {"do": "close"}], done in this order.
    """

    actions = models.JSONField(default=list)


class SavedView(models.Model):
    """A filter of the list with a name: of one agent, of a queue's agents, or of all (neither owner nor queue).

    `filters` is the query string as a mapping of names to values, the same that the list and its API understand.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    title = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    owner = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.CASCADE, related_name="views")
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.CASCADE, related_name="views")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "title")

    def __str__(self) -> str:
        return self.title


class SeenMark(models.Model):
    """How far an agent has read a conversation: the seq of the last event on a screen of theirs."""

    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="seen_marks")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "conversation"], name="seenmark_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} saw {self.conversation_id} to {self.seq}"


class ContextLink(models.Model):
    """A page of another system that stands beside every conversation; `url` has places like `{email}` for the customer.

    Written by administrators alone: `handover.context_links` says what such an address may look like.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    title = models.CharField(max_length=60)
    url = models.CharField(
        "address",
        max_length=500,
        help_text="An https address or a path of this site, with places for the customer: {public_id}, {user_id}, "
        "{customer_number}, {email}, {phone}, or the key of an attribute, such as {order}.",
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "title")
        constraints = [
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | (Q(url__startswith="/") & ~Q(url__startswith="//")),
                name="context_link_is_safe",
            ),
        ]

    def __str__(self) -> str:
        return self.title
