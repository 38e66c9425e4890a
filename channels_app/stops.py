"""Is a channel stopped? What the provider refuses for the whole account stops it, and holds its deliveries."""

from __future__ import annotations

import logging

from channels_app.models import Channel
from channels_app.outcomes import redact

log = logging.getLogger(__name__)


def stop(key: str, provider_text: str) -> None:
    """Stops the channel with a reason for the operator; `checks.check` starts it again once the provider is content."""
    reason = redact(provider_text)[:200] or "the provider refuses this account"
    if Channel.objects.filter(key=key, stopped_reason="").update(stopped_reason=reason):
        log.error("channel %s stopped: %s", key, reason)
