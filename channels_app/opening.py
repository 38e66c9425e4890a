"""What does the chat need to draw itself when it is opened? Its history, its cursors, and what the admin chose."""

from __future__ import annotations

from typing import Any

from channels_app import connections, frames, greetings, protocol, shared_devices, uploads, visits
from channels_app.models import Channel
from common import clock
from handover import opened

Json = dict[str, Any]


def state(opened: visits.Opened) -> Json:
    """Everything the app needs to draw itself; nothing that the visit has not proven."""
    found, now = opened.visit, clock.now()
    standing = connections.of(found)
    rows = {str(row.public_id): row for row in visits.proven(found, now)}
    history = {name: frames.latest(rows[name], found.channel.key) for name in standing.streams}
    is_signed_in = visits.is_signed_in(found, now)
    return {
        "v": protocol.VERSION,
        "visit": str(found.public_id),
        "signed_in": is_signed_in,
        "signed_in_until": found.proven_until.isoformat() if is_signed_in and found.proven_until else None,
        "welcome": greetings.welcome(found),
        "resume": greetings.resume_card(found),
        "streams": {name: events[-1]["seq"] if events else 0 for name, events in history.items()},
        "history": [event for events in history.values() for event in events],
        "config": settings_of(found.channel),
        **({"token": opened.token} if opened.token else {}),
    }


def settings_of(channel: Channel) -> Json:
    """What the admin chose for this widget; texts are texts."""
    return {
        "title": str(channel.config.get("team", "") or channel.title),
        "greeting": str(channel.config.get("greeting", "Hello! How can we help?")),
        "text_limit": protocol.TEXT_LIMIT,
        "files": uploads.rules(channel),
        "ways": greetings.ways(channel),
        "kiosk": shared_devices.is_kiosk(channel),
        "begins": bool(opened.journey(channel.key)),
    }
