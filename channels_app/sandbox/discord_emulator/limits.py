"""How much may a bot send? Discord's buckets, told in headers, and its 429 with a fraction of a second."""

from __future__ import annotations

import hashlib

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.kit import Answer
from common import clock

PER_WINDOW, WINDOW = 5, 5.0  # messages, seconds, in one channel


def take(channel: Channel, place: str) -> tuple[Answer | None, dict[str, str]]:
    """Counts one message: the 429 if it is one too many, and the headers of whatever is answered."""
    now = clock.now().timestamp()
    name = f"bucket:{place}"
    found = kit.recall(channel, name) or {}
    began, count = float(found.get("began", 0)), int(found.get("count", 0))
    if not began <= now < began + WINDOW:
        began, count = now, 0
    left = began + WINDOW - now
    count += 1
    kit.remember(channel, name, {"began": began, "count": min(count, PER_WINDOW + 1)})
    headers = {
        "X-RateLimit-Limit": str(PER_WINDOW),
        "X-RateLimit-Remaining": str(max(PER_WINDOW - count, 0)),
        "X-RateLimit-Reset": f"{began + WINDOW:.3f}",
        "X-RateLimit-Reset-After": f"{left:.3f}",
        "X-RateLimit-Bucket": hashlib.sha256(b"messages").hexdigest()[:20],
    }
    return (too_many(left, headers) if count > PER_WINDOW else None), headers


def too_many(wait: float, headers: dict[str, str] | None = None) -> Answer:
    """The 429."""
    body = {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": False}
    told = {"Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": "user", "X-RateLimit-Reset-After": f"{wait:.3f}"}
    return Answer(429, body, {**(headers or {}), **told})
