"""How is a customer's picture fetched from Twilio? With our token, from Twilio's hosts only."""

from __future__ import annotations

import httpx

from channels_app.adapters.base import Account, DeliveryError, File
from channels_app.adapters.sms import client
from common import safe_http

# The API leads on to its stores; the token goes to the first host only.
HOSTS = ("api.twilio.com", ".twiliocdn.com", ".twilio.com", ".amazonaws.com")
BYTES_MAX = 16 * 1024 * 1024


def fetch(account: Account, reference: str) -> File:
    """The bytes behind a MediaUrl; `DeliveryError` when there are none, permanent if there never will be."""
    try:
        hosts = [*HOSTS, *_own(account)]
        _refuse_strangers(reference, hosts)
        found = safe_http.get(reference, hosts=hosts, max_bytes=BYTES_MAX, headers=client.authorization(account))
    except safe_http.FetchError as error:
        raise DeliveryError("rejected" if error.is_permanent else "provider_down", provider_text=str(error)) from error
    return File(found.content, found.media_type, "")


def _refuse_strangers(reference: str, hosts: list[str]) -> None:
    """The first host gets our token, so it has to be Twilio's own, not a store that anybody can rent."""
    try:
        host = httpx.URL(reference).host
    except httpx.InvalidURL as error:
        raise safe_http.Refused("this is no URL") from error
    if host not in hosts and not host.endswith(".twilio.com"):
        raise safe_http.Refused("this host is not the provider's")


def _own(account: Account) -> list[str]:
    """The pretended provider's host, where one is set."""
    root = account.text("base_url")
    try:
        return [httpx.URL(root).host] if root else []
    except httpx.InvalidURL:
        return []
