"""May this socket open, and what may it watch? Its origin must be ours, exactly, and its session cookie must log in an
agent, who is looked at anew whenever something is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from handover import reads, sight
from handover.inbox import staff
from handover.models import Agent

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def is_our_page(scope: Mapping[str, Any]) -> bool:
    """One Origin header, and it names a page of ours by scheme, host and port; two of them are refused."""
    found = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    return len(found) == 1 and found[0] in origins()


def origins() -> set[str]:
    """Our own origin, those that forms may come from, and the other names of this machine in a local installation."""
    own = urlsplit(settings.PUBLIC_URL)
    known = {f"{own.scheme}://{own.netloc}", *settings.CSRF_TRUSTED_ORIGINS}
    if own.hostname in ("localhost", "127.0.0.1", "::1"):
        port = f":{own.port}" if own.port else ""
        known |= {f"{own.scheme}://{name}{port}" for name in LOOPBACK}
    return known


def enter(scope: Mapping[str, Any]) -> tuple[Agent, str] | None:
    """The agent whose session the cookie names, and the session's key; None if nobody is logged in."""
    key = _session_key(scope)
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    agent = staff.at_desk(get_user(request))
    return (agent, key) if agent else None


def visible(agent: Agent, public_ids: Collection[UUID]) -> dict[int, str]:
    """Those of the named conversations that the agent may see now, by id; a fresh look at the agent too."""
    present = Agent.objects.select_related("user").filter(pk=agent.pk, is_active=True, user__is_active=True).first()
    if present is None:
        return {}
    found = sight.visible_to(present).filter(public_id__in=public_ids)
    return {pk: str(public_id) for pk, public_id in found.values_list("pk", "public_id")}


def readable(agent: Agent, public_id: UUID) -> dict[int, str]:
    """The same for one that is to be watched: it counts as read, and who has read far too many sees no more."""
    found = visible(agent, (public_id,))
    try:
        reads.note(user_id=agent.user_id, conversations=found)
    except reads.TooManyReads:
        return {}
    return found


def _session_key(scope: Mapping[str, Any]) -> str:
    cookies = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                cookies.load(value.decode("latin-1"))
            except CookieError:
                return ""
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""
