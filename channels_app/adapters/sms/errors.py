"""What does a refusal by Twilio mean for us? One table for answers and for failed statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import DeliveryError, wire

DAY = 86400.0
REASON_BY_CODE: Mapping[int, str] = {
    **dict.fromkeys((20429, 14107, 30001, 63018), "rate_limited"),
    **dict.fromkeys((20500, 20503), "provider_down"),
    21610: "opted_out",
    63016: "outside_window",
    63049: "deferred",
    **dict.fromkeys((21211, 21614, 21612, 21635, 21408, 30003, 30004, 30005, 30006, 63003, 63024), "unreachable"),
    **dict.fromkeys((21617, 30007), "rejected"),
    **dict.fromkeys((20003, 20005, 30002), "channel_down"),
}
WAIT_BY_CODE: Mapping[int, float] = {63049: DAY}


def of_answer(answer: httpx.Response) -> DeliveryError:
    """The failure that an answer other than 2xx stands for."""
    said = wire.body(answer)
    return _error(base.text(said, "code"), base.text(said, "message"), answer.status_code, _wait(answer))


def of_callback(form: Mapping[str, Any]) -> DeliveryError:
    """The failure that a status reports; without a code it was the message."""
    return _error(base.text(form, "ErrorCode"), base.text(form, "ErrorMessage"), None, None)


def reason(code: int | None, status: int | None) -> str:
    """The code decides, then the HTTP status."""
    if code is not None and code in REASON_BY_CODE:
        return REASON_BY_CODE[code]
    if status == 429:
        return "rate_limited"
    if status is not None and status >= 500:
        return "provider_down"
    return "channel_down" if status == 401 else "rejected"


def _error(code: str, said: str, status: int | None, wait: float | None) -> DeliveryError:
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 9 else None
    return DeliveryError(
        reason(number, status),
        retry_after=wait if wait is not None else WAIT_BY_CODE.get(number or 0),
        provider_code=(code or str(status or ""))[:40],
        provider_text=said or (f"Twilio's error {code}" if code else ""),
        http_status=status,
    )


def _wait(answer: httpx.Response) -> float | None:
    try:
        return min(max(float(answer.headers.get("retry-after", "")), 0.0), DAY)
    except ValueError:
        return None
