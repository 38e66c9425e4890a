"""What does a pretended provider remember? Messages, people, facts, counters, files and how it shall behave."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from channels_app.models import Channel
from channels_app.sandbox import inspector
from channels_app.sandbox.emulators import WORKS
from channels_app.sandbox.models import (
    SandboxContact,
    SandboxControls,
    SandboxFact,
    SandboxFile,
    SandboxMessage,
)
from channels_app.sandbox.shapes import Bubble, Upload
from common import clock


def secret(name: str, base: str = "") -> str:
    """A secret of the demo: 64 hexadecimal digits that only the installation with this sandbox secret has."""
    key = base or settings.SECRETS["SANDBOX_SECRET"]
    return hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest()


def channel_by(kind: str, **lookup: Any) -> Channel | None:
    """The enabled or stopped Channel of this kind that the provider would know by an id or a setting."""
    return Channel.objects.filter(kind=kind, **lookup).order_by("pk").first()


def controls_of(channel: str) -> SandboxControls:
    """The channel's controls (by its key), made with their defaults on first use."""
    return SandboxControls.objects.get_or_create(channel=channel)[0]


def failure_now(channel: str) -> str:
    """The failure that the next send meets (`WORKS` if none); one that is meant once is used up by this."""
    with transaction.atomic():
        controls = SandboxControls.objects.select_for_update().filter(channel=channel).first()
        if controls is None or controls.failure == WORKS:
            return WORKS
        failure = controls.failure
        if controls.is_failure_once:
            controls.failure = WORKS
            controls.save(update_fields=["failure"])
    return failure


def store(
    *,
    channel: Channel,
    address: str,
    external_id: str,
    body: Mapping[str, Any],
    is_from_customer: bool,
    state: str = "sent",
    callback: str = "",
) -> SandboxMessage:
    """A message on the phone, in the provider's own JSON; `external_id` must be unique among all channels.

    From the customer: the window opens anew. From us: who typed has written.
    """
    now = clock.now()
    row = SandboxMessage.objects.create(
        channel=channel.key,
        address=address,
        is_from_customer=is_from_customer,
        external_id=external_id,
        body=dict(body),
        state=state,
        callback=callback,
        at=now,
    )
    changes: dict[str, Any] = {"last_inbound_at": now} if is_from_customer else {"typing_until": None}
    SandboxContact.objects.update_or_create(channel=channel.key, address=address, defaults=changes)
    inspector.tell()
    return row


def find_message(channel: Channel, external_id: str) -> SandboxMessage | None:
    """A stored message by the provider's id."""
    return SandboxMessage.objects.filter(channel=channel.key, external_id=external_id).first()


def amend(row: SandboxMessage, *, state: str = "", **body: Any) -> None:
    """Changes members of a stored message's JSON (an edit, a reaction, a removal) or its state."""
    row.body = {**(row.body or {}), **body}
    row.state = state or row.state
    row.save(update_fields=["body", "state"])
    inspector.tell()


def bubble(row: SandboxMessage, **shown: Any) -> Bubble:
    """The bubble of a row; `shown` are the members that the emulator knows (text, buttons, media ...)."""
    given = {"state": row.state, **shown}
    return Bubble(id=row.external_id, mine=row.is_from_customer, at=row.at.isoformat(), **given)


def last_inbound_at(channel: Channel, address: str) -> datetime | None:
    """When this person last wrote: what a provider's window is measured from."""
    contact = SandboxContact.objects.filter(channel=channel.key, address=address).first()
    return contact.last_inbound_at if contact else None


def types_until(channel: Channel, address: str, seconds: float) -> None:
    """The phone shows that we type, for so many seconds or until we have written."""
    until = clock.now() + timedelta(seconds=seconds)
    SandboxContact.objects.update_or_create(
        channel=channel.key, address=address, defaults={"typing_until": until if seconds else None}
    )
    inspector.tell()


def unread(channel: Channel, address: str) -> list[SandboxMessage]:
    """Our messages that reached this phone and were not looked at, the oldest first."""
    rows = SandboxMessage.objects.filter(channel=channel.key, address=address, is_from_customer=False)
    return list(rows.filter(state="delivered").order_by("pk"))


def remember(channel: Channel, name: str, value: Any) -> None:
    """Keeps a fact (JSON) of this channel under a name of at most 200 characters: a nonce, a blocked person."""
    SandboxFact.objects.update_or_create(channel=channel.key, name=name, defaults={"value": value})


def recall(channel: Channel, name: str, default: Any = None) -> Any:
    """The fact of that name, or the default."""
    found = SandboxFact.objects.filter(channel=channel.key, name=name).first()
    return found.value if found else default


def forget(channel: Channel, name: str) -> None:
    """Drops a fact."""
    SandboxFact.objects.filter(channel=channel.key, name=name).delete()


def number(channel: Channel, name: str, start: int = 1) -> int:
    """The next number of a counter; no two callers get the same."""
    with transaction.atomic():
        SandboxFact.objects.get_or_create(channel=channel.key, name=name, defaults={"value": start - 1})
        row = SandboxFact.objects.select_for_update().get(channel=channel.key, name=name)
        row.value = int(row.value or 0) + 1
        row.save(update_fields=["value"])
    return row.value


def keep_file(channel: Channel, upload: Upload) -> SandboxFile:
    """Keeps a file; `public_id` is its id, `file_url` where the page finds it."""
    return SandboxFile.objects.create(
        channel=channel.key, name=upload.name[:200], media_type=upload.media_type[:100], content=upload.content
    )


def file(channel: Channel, public_id: str) -> SandboxFile | None:
    """A kept file by its id; anything that is no id finds nothing."""
    try:
        return SandboxFile.objects.filter(channel=channel.key, public_id=UUID(public_id)).first()
    except ValueError:
        return None


def file_url(row: SandboxFile) -> str:
    """Where the page shows a kept file from."""
    return f"/sandbox/files/{row.public_id}"
