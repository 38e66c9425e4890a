"""Where are a channel's secrets sent? Whoever names another place must know them: a stored one never goes there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import httpx

from common import addresses, dialing

API = "base_url"
MAIL = ("imap", "smtp")  # a server's settings begin with its name, and so does its password
KEYS = "jwks_url"  # no secret goes there; whoever answers there says who is logged in
PLACES = (API, KEYS, *(f"{server}_{part}" for server in MAIL for part in ("host", "port", "security")))


def moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The settings by which secrets would go to another place than before."""
    return [name for name in PLACES if _plain(before.get(name)) != _plain(now.get(name))]


def needed(name: str, secrets: Collection[str]) -> list[str]:
    """Which of these secrets are sent to the place that this setting names."""
    if name == KEYS:
        return []
    server = name.partition("_")[0]
    if server in MAIL:
        return [secret for secret in secrets if secret.startswith(f"{server}_")]
    return [secret for secret in secrets if secret.partition("_")[0] not in MAIL]


def trouble(name: str, config: Mapping[str, Any]) -> str:
    """Why nothing may be sent to this place, '' if it may be: public, or allowed by the operator."""
    value = _plain(config.get(name))
    if not value or not name.endswith(("_url", "_host")):
        return ""
    try:
        place = httpx.URL(value if name in (API, KEYS) else f"tcp://{value}")
    except (httpx.InvalidURL, ValueError):
        return "This is no address."
    if not place.host or (name in (API, KEYS) and place.scheme not in dialing.DEFAULT_PORTS):
        return "This is no address."
    port = dialing.port_of(place)
    if name == KEYS and place.scheme != "https" and not dialing.is_inside(place.host.lower(), port):
        return "Give an address that begins with https://."
    if dialing.is_inside(place.host.lower(), port) or _is_public(place.host, port):
        return ""
    return "This address is not public: the operator may allow it in INSIDE_HOSTS."


def _is_public(host: str, port: int) -> bool:
    try:
        return all(map(addresses.is_public, addresses.look_up(host, port)))
    except (OSError, UnicodeError):
        return True  # nobody is there now; who is called later is for the caller's own guard


def _plain(value: object) -> str:
    return "" if value is None else str(value).strip().rstrip("/")
