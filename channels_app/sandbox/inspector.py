"""Which requests went back and forth? Each one raw, with secrets masked, for the sandbox's inspector."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from django.db import close_old_connections

from channels_app.sandbox.models import SandboxExchange
from common import clock
from conversations import realtime

TOPIC = "sandbox"
KEPT = 400
LONGEST = 20_000  # characters of a body
SECRET_HEADERS = ("authorization", "cookie", "x-csrftoken")
TOKEN_IN_QUERY = re.compile(r"(access_token|hub\.verify_token)=[^&]*")


def record(
    *,
    channel: str,
    direction: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    request: str,
    status: int,
    response: str,
    took_ms: int,
) -> None:
    """Keeps one exchange, tells the open pages, and drops the oldest beyond `KEPT`."""
    row = SandboxExchange.objects.create(
        channel=channel,
        direction=direction,
        method=method,
        path=TOKEN_IN_QUERY.sub(r"\1=•••", path)[:300],
        headers={name: mask(name, value) for name, value in headers.items()},
        request=request[:LONGEST],
        status=status,
        response=response[:LONGEST],
        took_ms=took_ms,
        at=clock.now(),
    )
    if row.pk % 50 == 0:
        SandboxExchange.objects.filter(pk__lte=row.pk - KEPT).delete()
    tell()


def record_apart(**exchange: object) -> None:
    """The same from a thread of our own, whose connection nobody else looks after."""
    close_old_connections()
    try:
        record(**exchange)  # type: ignore[arg-type]  # the caller names the same keywords
    finally:
        close_old_connections()


def mask(name: str, value: str) -> str:
    """A header as the page may show it: of a secret only its kind and its last four characters."""
    if name.lower() not in SECRET_HEADERS:
        return value
    scheme, _, rest = value.rpartition(" ")
    return f"{scheme} ••••{rest[-4:]}".strip() if len(rest) > 12 else "••••"


def hiding(credentials: Mapping[str, object]) -> Callable[[str], str]:
    """Replaces every secret of a channel, wherever it stands in a text (a URL, a form, a body)."""
    secrets = sorted((str(value) for value in credentials.values() if len(str(value)) > 7), key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, f"••••{secret[-4:]}")
        return text

    return hide


def tell() -> None:
    """Open sandbox pages look again."""
    realtime.tell(TOPIC, {})
