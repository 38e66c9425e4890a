"""Which answers have our editors written, in which language and for whom, and which questions did nobody answer?"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from common.fields import EncryptedTextField
from common.ids import uuid7


class Article(models.Model):
    """One answer in one language; its `key` is shared by the versions in other languages.

    `normalised` holds title and aliases as they are compared, `search` what is looked through, `words` every word as
    it is written: all three are written by `articles.publish`, and are empty in a draft.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    class Audience(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    key = models.SlugField(max_length=64, db_index=False)
    language = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    body = models.TextField(help_text="Markdown; what a channel cannot show becomes plain text and links.")
    aliases = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    hand_over = models.JSONField(null=True, blank=True)  # {skill, referrer, channel}: a person follows the answer
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    normalised = ArrayField(models.TextField(), default=list, blank=True, editable=False)
    search = SearchVectorField(null=True, editable=False)
    words = SearchVectorField(null=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    helped = models.PositiveIntegerField(default=0, editable=False)  # who said so after the answer
    left_open = models.PositiveIntegerField(default=0, editable=False)  # who said that it did not help
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        permissions = [("publish_article", "Can publish articles: the bot answers with them")]
        constraints = [
            models.UniqueConstraint(fields=["key", "language"], name="article_once_per_language"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gt=models.F("valid_from")),
                name="article_valid_for_a_while",
            ),
        ]
        indexes = [
            # A question that no journey waits for: all of its words, then any of them.
            GinIndex(fields=["search"], name="article_search", condition=Q(state="published")),
            # The same question: is it a title or an alias as a whole?
            GinIndex(fields=["normalised"], name="article_normalised", condition=Q(state="published")),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"


class ArticleEdition(models.Model):
    """How often articles of one language were published: a process that remembers words looks here."""

    language = models.CharField(max_length=16, unique=True)
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.language} {self.number}"


class Miss(models.Model):
    """A question that no article answers; what could name a person is taken out, and the rest is sealed.

    `digest` finds the same question again. How often, when and where it was asked is in its `askings`.
    """

    public_id = models.UUIDField(default=uuid7, unique=True, editable=False)
    language = models.CharField(max_length=16, blank=True, default="")
    digest = models.CharField(max_length=64)
    question = EncryptedTextField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "misses"
        constraints = [models.UniqueConstraint(fields=["digest", "language"], name="miss_once_per_question")]

    def __str__(self) -> str:
        return f"miss {self.public_id}"


class MissAsking(models.Model):
    """One time that somebody asked it; it goes with the customer, and the last one takes the question along."""

    miss = models.ForeignKey(Miss, on_delete=models.CASCADE, related_name="askings")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16)  # its kind
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"asked {self.asked_at:%Y-%m-%d}"
