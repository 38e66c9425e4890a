"""What does a refusal by WhatsApp mean for us? One table for answers and for `failed` statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import DeliveryError

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
REASON_BY_CODE: Mapping[int, str] = {
    **dict.fromkeys((4, 80007, 130429, 131056, 133016, 131048, 131064), "rate_limited"),
    **dict.fromkeys((1, 2, 131000, 131016, 131053, 131057, 135000), "provider_down"),
    131047: "outside_window",
    131049: "deferred",
    **dict.fromkeys((131026, 131021, 131030, 130472, 130497, 131062), "unreachable"),
    131050: "opted_out",
    **dict.fromkeys((100, 131008, 131009, 131051, 131063, 137000), "rejected"),
    **dict.fromkeys((0, 3, 10, 190, 368, 131005, 131031, 131037, 131042, 131045, 133010), "channel_down"),
}
WAIT_BY_CODE: Mapping[int, float] = {131056: 6.0, 131048: HOUR, 131064: HOUR, 131049: DAY}


def of_answer(answer: httpx.Response) -> DeliveryError:
    """The failure that an answer other than 2xx stands for."""
    error = base.mapping(_json(answer).get("error"))
    return _error(error, answer.status_code, _wait(answer))


def of_status(errors: Sequence[Mapping[str, Any]]) -> DeliveryError:
    """The failure that a `failed` status reports; without an error it was the message."""
    return _error(errors[0] if errors else base.NOTHING, None, None)


def reason(code: int | None, status: int | None) -> str:
    """The code decides; an unknown one is judged by its range, then by the HTTP status."""
    if code is not None and code in REASON_BY_CODE:
        return REASON_BY_CODE[code]
    if code is not None and 200 <= code <= 299:
        return "channel_down"
    if code is not None and 132000 <= code <= 132999:
        return "rejected"
    if status == 429:
        return "rate_limited"
    if status is not None and status >= 500:
        return "provider_down"
    return "channel_down" if status == 401 else "rejected"


def _error(error: Mapping[str, Any], status: int | None, wait: float | None) -> DeliveryError:
    code = error.get("code")
    number = code if isinstance(code, int) and not isinstance(code, bool) else None
    details = base.text(base.mapping(error.get("error_data")), "details")
    said = details or base.text(error, "message") or base.text(error, "title")
    subcode = base.text(error, "error_subcode")
    return DeliveryError(
        reason(number, status),
        retry_after=wait if wait is not None else WAIT_BY_CODE.get(number or -1),
        provider_code=("/".join(filter(None, (base.text(error, "code"), subcode))) or str(status or ""))[:40],
        provider_text=said,
        http_status=status,
    )


def _wait(answer: httpx.Response) -> float | None:
    """Seconds: `Retry-After`, else Meta's estimate in minutes when a business is over its quota."""
    try:
        if given := answer.headers.get("retry-after"):
            return min(max(float(given), 0.0), DAY)
        usage = base.loads(answer.headers.get("x-business-use-case-usage", "{}"))
        kinds = [kind for kinds in base.mapping(usage).values() for kind in base.items(kinds)]
        told = [kind.get("estimated_time_to_regain_access") for kind in kinds]
        minutes = [float(number) for number in told if isinstance(number, int | float)]
        return min(max(minutes) * MINUTE, DAY) if minutes and max(minutes) > 0 else None
    except (ValueError, TypeError, OverflowError, base.Malformed):
        return None


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        return base.mapping(base.loads(answer.content))
    except base.Malformed:
        return base.NOTHING
