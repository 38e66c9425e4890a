"""Which matter is open with a person, who speaks in it, and over which endpoints does it run?"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from common.fields import EncryptedJSONField
from common.ids import uuid7
from conversations import capabilities


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def unclosed(self) -> ConversationQuerySet:
        return self.exclude(state=Conversation.State.CLOSED)

    def of_person(self, root_id: int) -> ConversationQuerySet:
        """Conversations begun by any member of the person's cluster."""
        return self.filter(customer__root_id=root_id)

    def queued(self) -> ConversationQuerySet:
        return self.unclosed().filter(owner_kind=Conversation.Owner.QUEUE)


class Conversation(models.Model):
    """One matter of one person with one owner; state, owner and epoch change together, by compare-and-set only."""

    class State(models.TextChoices):
        OPEN = "open"
        PARKED = "parked"
        CLOSED = "closed"

    class Owner(models.TextChoices):
        BOT = "bot"
        QUEUE = "queue"
        AGENT = "agent"
        EXTERNAL = "external"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    mode = models.CharField(max_length=8, choices=[("live", "live"), ("ticket", "ticket")], default="live")
    owner_kind = models.CharField(max_length=8, choices=Owner.choices, default=Owner.BOT)
    owner_id = models.BigIntegerField(null=True, blank=True)
    owner_epoch = models.BigIntegerField(default=0)
    waiting_on = models.CharField(max_length=8, choices=[("customer", "customer"), ("us", "us")], default="us")
    head_seq = models.BigIntegerField(default=0)
    queue_id = models.BigIntegerField(null=True, blank=True)
    skill = models.CharField(max_length=64, blank=True, default="")
    referrer = models.CharField(max_length=200, blank=True, default="")
    priority = models.SmallIntegerField(default=0)
    handover = models.JSONField(null=True, blank=True)
    opened_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True, blank=True)
    last_message_at = models.DateTimeField()
    last_customer_at = models.DateTimeField(null=True, blank=True)
    last_agent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=16, blank=True, default="")
    routing_plan = models.JSONField(null=True, blank=True)  # the rule and its steps; `plan_step` is the present one
    plan_step = models.SmallIntegerField(default=0, db_default=0)
    # The place in the queue: `queued_at` less the minutes that priority and broken promises count for.
    ranked_at = models.DateTimeField(null=True, blank=True)
    parked_until = models.DateTimeField(null=True, blank=True)  # parked without a time: until the customer writes
    park_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    hushed_until = models.DateTimeField(null=True, blank=True)  # staff write from the provider's app: the bot is silent

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(owner_kind="bot"), name="conversation_closed_is_the_bots"
            ),
            models.CheckConstraint(
                condition=~Q(state="parked") | Q(owner_kind="agent"), name="conversation_parked_is_an_agents"
            ),
            models.CheckConstraint(
                condition=Q(owner_kind="bot", owner_id__isnull=True)
                | (~Q(owner_kind="bot") & Q(owner_id__isnull=False)),
                name="conversation_bot_has_no_owner_id",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False), name="conversation_closed_has_a_time"
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=~Q(state="closed"), name="conversation_one_unclosed_per_origin"
            ),
        ]
        indexes = [
            # Inbox: "mine" and "queue" lists, newest first.
            models.Index(
                fields=["owner_kind", "owner_id", "-last_message_at"],
                condition=~Q(state="closed"),
                name="conversation_desk",
            ),
            # Routing and the queue's list: who is next.
            models.Index(
                fields=["owner_id", "ranked_at"],
                condition=Q(owner_kind="queue", state="open"),
                name="conversation_queued",
            ),
            # Inbox: "closed" list and previous conversations of a customer.
            models.Index(fields=["customer", "-opened_at"], name="conversation_of_customer"),
            models.Index(fields=["-closed_at"], condition=Q(state="closed"), name="conversation_closed"),
            # Sweep: conversations whose last message is a session's life ago.
            models.Index(fields=["expires_at"], condition=~Q(state="closed"), name="conversation_expiry"),
        ]

    def __str__(self) -> str:
        return f"conversation {self.public_id}"


# The order of sessions: those that were heard last come first, and where we wrote and nobody has answered last.
LAST_HEARD = F("last_inbound_at").desc(nulls_last=True)


class Session(models.Model):
    """One endpoint's stretch inside a conversation: `identity` is the reply address, `proven` what was proven in it.

    `coded` are the addresses that were proven by a one-time code typed here; they count until this session ends,
    where the sender proves nothing only for a while after `coded_at`.

    `channel` is the key of the Channel above (no foreign key points up), `kind` its kind. `seq` counts the events that
    the endpoint may see and goes on over the endpoint's following session, so a socket needs one cursor.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="sessions")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    identity = models.ForeignKey("customers.Identity", on_delete=models.PROTECT, related_name="+")
    channel = models.SlugField(max_length=64, db_index=False)
    kind = models.CharField(max_length=16)
    proven = ArrayField(models.BigIntegerField(), default=list, blank=True)
    coded = ArrayField(models.BigIntegerField(), default=list, blank=True, db_default=[])
    coded_at = models.DateTimeField(null=True, blank=True)
    assurance = models.CharField(
        max_length=8,
        choices=[("none", "none"), ("attested", "attested"), ("strong", "strong")],
        default="none",
    )
    is_public_place = models.BooleanField(default=False)
    seq = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    window_expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    thread = EncryptedJSONField(null=True, blank=True)  # what an answer needs there (subject, chat): `Outgoing.thread`

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "channel"], condition=Q(ended_at__isnull=True), name="session_one_open_per_endpoint"
            ),
        ]
        indexes = [
            # Widget history and the endpoint's stream; the newest session first.
            models.Index(fields=["identity", "channel", "-id"], name="session_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"session {self.public_id}"

    @property
    def is_carriers(self) -> bool:
        """Does whoever carries the messages take some words (stop, cancel) for itself, as with SMS?"""
        return bool(capabilities.of(self.kind).answers_stop)
