"""What was asked of the language model, what did it cost, and what came of it? Figures and codes; no words are kept."""

from __future__ import annotations

from django.contrib import admin

from common.admin import Ledger
from conversations.models import Question


@admin.register(Question)
class QuestionPage(Ledger):
    """Every call: the audit of a machine that may propose."""

    list_display = (
        "asked_at", "state", "action", "outcome", "model", "milliseconds", "tokens_in", "tokens_out", "calls",
    )  # fmt: skip
    list_filter = ("state", "action", "outcome", "model")
    search_fields = ("public_id__exact", "conversation__public_id__exact", "customer__public_id__exact")
    ordering = ("-asked_at",)
