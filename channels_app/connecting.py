"""Does the provider know where our webhook is? It is told, where it has a call for that."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from channels_app import readiness, registry
from channels_app.models import Channel
from channels_app.registry import Finding


def connect(channel: Channel) -> Sequence[Finding]:
    """Sets the webhook of a channel at its provider and says what was found; `UnknownKind`. No transaction is open."""
    if names := readiness.missing(channel):
        return [Finding(False, f"{readiness.words(names).capitalize()}.")]
    if not channel.config.get("app"):
        return [Finding(False, "This channel has no webhook: it needs none, or its setting `app` is missing.")]
    url = f"{settings.PUBLIC_URL}/webhooks/{channel.kind}/{channel.config['app']}"
    return registry.adapter(channel.kind).connect(registry.account_of(channel), url)
