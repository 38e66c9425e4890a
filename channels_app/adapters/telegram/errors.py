"""What does a refusal by Telegram mean for us?"""

from __future__ import annotations

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import DeliveryError, wire

LONGEST_WAIT = 86400.0  # seconds
UNKNOWN_PERSON = ("chat not found", "user not found", "peer_id_invalid", "user_id_invalid")


def of_answer(answer: httpx.Response) -> DeliveryError:
    """The failure that an answer without `ok` stands for."""
    data = wire.body(answer)
    status, said = answer.status_code, base.text(data, "description")
    code = base.text(data, "error_code") or str(status)
    wait = base.mapping(data.get("parameters")).get("retry_after")
    return DeliveryError(
        reason(status, said),
        retry_after=min(float(wait), LONGEST_WAIT) if isinstance(wait, int | float) and wait >= 0 else None,
        provider_code=code[:40],
        provider_text=said,
        http_status=status,
    )


def reason(status: int, said: str) -> str:
    """The status decides; of a 400 its words do, for Telegram has no finer codes."""
    if status == 429:
        return "rate_limited"
    if status >= 500:
        return "provider_down"
    if status == 403 or (status == 400 and any(words in said.lower() for words in UNKNOWN_PERSON)):
        return "unreachable"
    # A token that was revoked is a 401, one that never was a bot's a 404; 409: somebody polls with the same token.
    return "channel_down" if status in (401, 404, 409) else "rejected"
