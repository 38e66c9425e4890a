"""How does the widget get a link to another channel? One call below the widget's others; the code is made on demand."""

from __future__ import annotations

from django.http import HttpRequest

from channels_app import connections, leading, limits, qr, shared_devices, visits
from channels_app.fallback import Json, body_of, endpoint, slow_down, text_of, visit_of
from channels_app.models import Channel
from common import clock


@endpoint("POST")
def lead(request: HttpRequest, channel: Channel) -> Json:
    """A link with a one-time code to one of the visit's `ways`: `{to}` -> `{url, say, qr, expires_at}`."""
    found, to = visit_of(request, channel), text_of(body_of(request), "to")
    if shared_devices.is_kiosk(channel):
        raise leading.NoWay
    slow_down(limits.LEADS, str(found.public_id))
    led = leading.lead(
        opener=visits.endpoint(found, clock.now()),
        here=channel.key,
        to=to,
        session_ref=f"visit:{found.public_id}",
        ip=connections.address_of(request),
    )
    drawn = qr.drawn(led.url) if led.url else None
    return {"url": led.url, "say": led.say, "qr": drawn, "expires_at": led.expires_at.isoformat()}
