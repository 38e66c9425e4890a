"""What does a refusal by the Send API mean for us?"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import DeliveryError, wire

DAY = 86400.0
# A code with its subcode is more precise than the code alone.
REASON_BY_SUBCODE: Mapping[tuple[int, int], str] = {
    (10, 2018278): "outside_window",
    (10, 2534022): "outside_window",
    (100, 2018001): "unreachable",
    (100, 2534014): "unreachable",
    (200, 1545041): "unreachable",
}
REASON_BY_CODE: Mapping[int, str] = {
    **dict.fromkeys((4, 17, 32, 613, 80002, 80006), "rate_limited"),
    **dict.fromkeys((1, 2, 1200), "provider_down"),
    551: "unreachable",
    100: "rejected",
    **dict.fromkeys((0, 3, 10, 190, 368), "channel_down"),
}


def of_answer(answer: httpx.Response) -> DeliveryError:
    """The failure that an answer other than 2xx stands for."""
    error = base.mapping(wire.body(answer).get("error"))
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    named = "/".join(str(number) for number in (code, subcode) if number is not None)
    return DeliveryError(
        reason(code, subcode, answer.status_code),
        retry_after=_wait(answer.headers.get("retry-after", "")),
        provider_code=(named or str(answer.status_code))[:40],
        provider_text=base.text(error, "error_user_msg") or base.text(error, "message"),
        http_status=answer.status_code,
    )


def reason(code: int | None, subcode: int | None, status: int) -> str:
    """The code decides, with its subcode first; an unknown one is judged by its range, then by the HTTP status."""
    if code is not None and subcode is not None and (code, subcode) in REASON_BY_SUBCODE:
        return REASON_BY_SUBCODE[code, subcode]
    if code is not None and code in REASON_BY_CODE:
        return REASON_BY_CODE[code]
    if code is not None and 200 <= code <= 299:
        return "channel_down"
    if status == 429:
        return "rate_limited"
    if status >= 500:
        return "provider_down"
    return "channel_down" if status == 401 else "rejected"


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _wait(given: str) -> float | None:
    try:
        return min(max(float(given), 0.0), DAY) if given else None
    except ValueError:
        return None
