"""Which attributes has this installation defined, and by which rules do their values hold?"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from common import clock
from customers.attribute_rules import POLICIES, REACTIONS, TYPES

POLICY_WORDS = {
    "verified_sticky": "A verified value stays; a newer one is shown as a conflict",
    "newest": "The newest value",
    "source_order": "The best source: CRM, agent, site, code, channel, bot, import",
    "min": "The smallest or earliest value",
    "max": "The largest or latest value",
    "union": "All values together",
}
REACTION_WORDS = {
    "flag": "Tell people: a conflict to settle",
    "keep": "Keep what holds, say nothing",
    "take": "Take the newest, say nothing",
}


class AttributeDefinitionQuerySet(models.QuerySet["AttributeDefinition"]):
    """Questions about many definitions."""

    def due(self, before: datetime) -> Self:
        """Those that were changed before that time and not yet applied to everybody."""
        return self.filter(applied_version__lt=F("version"), changed_at__lt=before)


class AttributeDefinition(models.Model):
    """One attribute; a row overrides what `customers.attribute_rules` has built in under this key."""

    key = models.CharField(
        max_length=100,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", "Small letters, digits and underscores.")],
        help_text="How journeys and the API call it. It cannot be changed later.",
    )
    label = models.CharField(max_length=100, help_text="How people call it.")
    type = models.CharField(max_length=10, choices=[(name, name.capitalize()) for name in TYPES], default="text")
    choices = models.JSONField(default=list, blank=True)
    policy = models.CharField(
        "which value holds", max_length=16, choices=[(name, POLICY_WORDS[name]) for name in POLICIES], default="newest"
    )
    on_disagreement = models.CharField(
        "when sources disagree",
        max_length=4,
        choices=[(name, REACTION_WORDS[name]) for name in REACTIONS],
        default="flag",
    )
    sync = models.JSONField(default=dict, blank=True)
    is_personal = models.BooleanField("sensitive", default=False, help_text="Masked for who may not see it whole.")
    is_bot_visible = models.BooleanField(
        "the bot may know it",
        default=False,
        help_text="Told to agents at a handover, and to the language model if one is used.",
    )
    description = models.TextField(blank=True, default="", max_length=1000)
    order = models.PositiveIntegerField(default=1000, help_text="The smaller, the higher on the page.")
    is_archived = models.BooleanField("archived", default=False, help_text="Not shown any more; nothing is deleted.")
    # What everybody's shown values are made by, and how far a change has got: the id of the last root.
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(default=clock.now, editable=False)
    applied_version = models.PositiveIntegerField(default=1, editable=False)
    applied_to = models.BigIntegerField(default=0, editable=False)

    objects = AttributeDefinitionQuerySet.as_manager()

    class Meta:
        ordering = ("order", "key")
        constraints = [
            models.CheckConstraint(name="attribute_definition_type", condition=Q(type__in=TYPES)),
            models.CheckConstraint(name="attribute_definition_policy", condition=Q(policy__in=POLICIES)),
            models.CheckConstraint(name="attribute_definition_reaction", condition=Q(on_disagreement__in=REACTIONS)),
        ]

    def __str__(self) -> str:
        return self.label or self.key
