"""Who is at the other end right now? A visit in plain values, as sockets and the HTTP fall-back both need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from channels_app import shared_devices, visits
from channels_app.models import Channel, Visit
from channels_app.protocol import Say
from channels_app.registry import RawEvent, web_event
from common import clock
from common.crypto import blind
from conversations import realtime
from conversations.models import Session
from customers.models import Identity
from customers.namespaces import Namespace

KIND = "web"


@dataclass(frozen=True)
class Standing:
    """What a token is worth now: where it speaks, what it has proven, which streams it may follow.

    `streams`: public name -> ours. `conversations`: those that its endpoints speak in now, our id -> public id.
    `sessions`: the public ids of their sessions there.
    """

    visit_id: str
    channel_id: int
    identity_id: int
    proven: tuple[int, ...]
    assurance: str
    streams: dict[str, str] = field(default_factory=dict)
    conversations: dict[int, str] = field(default_factory=dict, compare=False)
    sessions: frozenset[str] = field(default=frozenset(), compare=False)
    is_kiosk: bool = False


def channel(key: str) -> Channel | None:
    """The widget of that key, if it is switched on."""
    return Channel.objects.filter(key=key, kind=KIND, is_enabled=True).first()


def standing(*, key: str, token: str) -> Standing:
    """What the token is worth now, or `VisitUnknown`; notes that the browser is there."""
    found = channel(key)
    if found is None:
        raise visits.VisitUnknown
    visit = visits.find(channel=found, token=token)
    visits.touch(visit=visit)
    return of(visit)


def of(visit: Visit) -> Standing:
    """The visit in plain values."""
    now = clock.now()
    rows = visits.proven(visit, now)
    speaking = [row for row in rows if row.namespace in (Namespace.VISITOR, Namespace.SITE_USER)]
    going = _sessions(visit.channel.key, speaking)
    return Standing(
        visit_id=str(visit.public_id),
        channel_id=visit.channel_id,
        identity_id=visits.endpoint(visit, now).pk,
        proven=tuple(sorted(row.pk for row in rows)),
        assurance=visits.assurance(visit, now),
        streams={str(row.public_id): realtime.endpoint_stream(row.pk, visit.channel.key) for row in speaking},
        conversations={session.conversation_id: str(session.conversation.public_id) for session in going},
        sessions=frozenset(str(session.public_id) for session in going),
        is_kiosk=shared_devices.is_kiosk(visit.channel),
    )


def _sessions(channel: str, rows: list[Identity]) -> list[Session]:
    """Where these endpoints speak now: to whom "is typing" is told."""
    going = Session.objects.filter(channel=channel, identity__in=rows, ended_at__isnull=True)
    return list(going.select_related("conversation").only("public_id", "conversation__public_id"))


def event(
    standing: Standing, say: Say, file: dict[str, str] | None = None, address: str = "", language: str = ""
) -> RawEvent:
    """What is stored for a message, with the file that it carries, a tap or a gesture; of `address` the digest.

    `language` is the browser's; that of a device which many use is nobody's.
    """
    return web_event(
        identity_id=standing.identity_id,
        proven=standing.proven,
        assurance=standing.assurance,
        client_msg_id=say.client_id,
        at=clock.now(),
        text=say.text,
        payload=say.payload,
        action=say.action,
        file=file,
        ip=blind("ip", value=address) if address else "",
        language="" if standing.is_kiosk else language,
        page=say.page,
    )


def address_of(request: HttpRequest) -> str:
    """The same of a request over HTTP."""
    forwarded = request.headers.get("X-Forwarded-For", "").encode("latin-1", "replace")
    headers = [(b"x-forwarded-for", forwarded)] if forwarded else []
    return address({"client": (request.META.get("REMOTE_ADDR", "unknown"), 0), "headers": headers})


def language(scope: dict[str, Any]) -> str:
    """What the browser of a socket accepts (`Accept-Language`)."""
    found = [value for name, value in scope["headers"] if name == b"accept-language"]
    return found[0].decode("latin-1") if found else ""


def address(scope: dict[str, Any]) -> str:
    """The client's address; behind `NUM_PROXIES` proxies of ours, what the outermost of them saw."""
    peer = (scope.get("client") or ("unknown",))[0]
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    if not settings.NUM_PROXIES or not forwarded:
        return str(peer)
    hops = [hop.strip() for hop in b",".join(forwarded).decode("latin-1").split(",")]
    return hops[-min(settings.NUM_PROXIES, len(hops))]
