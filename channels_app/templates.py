"""Which templates does a channel have? Read from the provider page by page, kept up to date by its webhooks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from channels_app import registry
from channels_app.inbox import Pending
from channels_app.models import Channel
from channels_app.registry import DeliveryError, TemplateForm, TemplateNews
from channels_app.template_models import MessageTemplate
from common import clock
from conversations import capabilities

log = logging.getLogger(__name__)

SECOND = timedelta(seconds=1)
QUALITY = "quality_"  # news about a template's quality come as a status of this beginning
WRITTEN = ["status", "category", "quality", "external_id", "components", "synced_at"]


def sync(channel: Channel) -> int:
    """Makes our rows what the provider lists now; returns how many there are. `DeliveryError` leaves all as it was."""
    found = registry.templates(channel)
    now = clock.now()
    rows = [_row(channel, form) for form in {(form.name, form.language): form for form in found}.values()]
    with transaction.atomic():
        MessageTemplate.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["channel", "name", "language"], update_fields=WRITTEN
        )
        MessageTemplate.objects.filter(channel=channel, synced_at__lt=now).delete()
    return len(rows)


def sync_all() -> int:
    """Every channel that has templates; one that does not answer keeps what it has. Returns how many were read."""
    read = 0
    for channel in Channel.objects.filter(is_enabled=True, kind__in=_kinds()).order_by("pk"):
        try:
            sync(channel)
            read += 1
        except DeliveryError as error:
            log.warning("templates of %s were not read: %s", channel.key, error.reason)
    return read


def read_first(channel_keys: Sequence[str]) -> None:
    """Asks the provider for channels of which we know no template at all: somebody wants one before the first sweep."""
    known = MessageTemplate.objects.filter(channel__key__in=channel_keys).values("channel")
    asked = Channel.objects.filter(key__in=channel_keys, is_enabled=True, stopped_reason="").exclude(pk__in=known)
    for channel in asked:
        try:
            sync(channel)
        except DeliveryError as error:
            log.warning("templates of %s were not read: %s", channel.key, error.reason)


def take_news(event: Pending, news: TemplateNews) -> str:
    """A decision of the provider, on every channel of ours whose account it is about; older news change nothing."""
    channels = [event.channel_id, *_siblings(event.channel_id)]
    rows = MessageTemplate.objects.select_for_update(no_key=True).filter(
        channel_id__in=channels, name=news.name, language=news.language
    )
    for row in rows.order_by("pk"):
        _decide(row, news)
    return "template"


def approved(channel_keys: Sequence[str]) -> list[MessageTemplate]:
    """What may be sent over these channels now, by name."""
    rows = MessageTemplate.objects.filter(channel__key__in=channel_keys, status=MessageTemplate.APPROVED)
    return list(rows.select_related("channel").order_by("name", "language", "pk"))


def _decide(row: MessageTemplate, news: TemplateNews) -> None:
    known = max(filter(None, (row.decided_at, row.synced_at - SECOND)))  # the provider's clock has whole seconds
    if news.occurred_at < known:
        return
    word = news.status.lower()
    if word.startswith(QUALITY):
        row.quality = word.removeprefix(QUALITY)[:20]
        row.save(update_fields=["quality"])
        return
    if word != "changed":  # else it is read anew by the next sweep, which is soon enough for words
        row.status, row.reason, row.decided_at = word[:40], news.reason[:300], news.occurred_at
        row.save(update_fields=["status", "reason", "decided_at"])


def _siblings(channel_id: int) -> list[int]:
    """The other numbers of the same business account: they share its templates."""
    channel = Channel.objects.get(pk=channel_id)
    waba = channel.config.get("waba_id")
    if not waba:
        return []
    same = Channel.objects.filter(kind=channel.kind, config__waba_id=waba).exclude(pk=channel_id)
    return list(same.values_list("pk", flat=True))


def _row(channel: Channel, form: TemplateForm) -> MessageTemplate:
    return MessageTemplate(
        channel=channel,
        name=form.name,
        language=form.language,
        status=form.status,
        category=form.category,
        quality=form.quality,
        external_id=form.external_id,
        components=[dict(part) for part in form.components],
        synced_at=clock.now(),
    )


def _kinds() -> list[str]:
    return [kind for kind in registry.kinds() if capabilities.of(kind).templates]
