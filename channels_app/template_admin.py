"""Which templates has a provider approved? Read-only: they are written there, and read from there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from channels_app import template_filling, templates
from channels_app.models import Channel
from channels_app.registry import DeliveryError
from channels_app.template_models import MessageTemplate
from common.admin import Ledger


@admin.register(MessageTemplate)
class MessageTemplatePage(Ledger):
    """What the provider lists, as of the last reading; webhooks bring decisions in between."""

    list_display = ("name", "language", "channel", "status", "category", "quality", "hindrance", "synced_at")
    list_filter = ("status", "category", "channel")
    list_select_related = ("channel",)
    search_fields = ("name",)
    ordering = ("name", "language", "pk")
    fields = (
        "name", "language", "channel", "status", "reason", "category", "quality", "hindrance", "reads_as",
        "external_id", "decided_at", "synced_at",
    )  # fmt: skip
    readonly_fields = ("hindrance", "reads_as")

    @admin.display(description="cannot be sent because")
    def hindrance(self, row: MessageTemplate) -> str:
        return template_filling.obstacle(row.status, row.components) or "-"

    @admin.display(description="reads as")
    def reads_as(self, row: MessageTemplate) -> str:
        shown: Any = template_filling.preview(row.components)
        return "\n".join("".join(piece.text for piece in pieces) for _, pieces in shown)


def read(request: HttpRequest, channel: Channel) -> None:
    """The button on a channel's page: reads all templates now, and says what came of it."""
    try:
        count = templates.sync(channel)
    except DeliveryError as error:
        messages.error(request, f"The provider did not give its templates: {error.said}")
        return
    messages.success(request, f"{count} templates were read.")
