"""Do the token, the application and the gateway answer as they should? Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Finding, wire
from channels_app.adapters.discord import client

STARTS_LOW = 100  # of 1,000 a day; when they are used up Discord resets the token


def check(account: Account) -> Sequence[Finding]:
    """Who the bot is, whether its application is set up as the channel says, and how often it may still connect."""
    client.circuit(account).forgive()
    try:
        bot = _get(account, "users/@me")
    except DeliveryError as error:
        return [Finding(False, f"The bot does not answer: {_why(error)}")]
    found = [Finding(True, f"The bot is {base.text(bot, 'username') or 'there'}.")]
    return [*found, _application(account), _gateway(account)]


def _application(account: Account) -> Finding:
    """Is it the application whose interactions we can verify?"""
    try:
        application = _get(account, "applications/@me")
    except DeliveryError as error:
        return Finding(False, f"The application does not answer: {_why(error)}")
    if base.text(application, "id") != account.account:
        return Finding(False, f"The token belongs to the application {base.text(application, 'id')}, not to this one.")
    if base.text(application, "verify_key") != account.text("public_key").lower().strip():
        return Finding(False, "The public key is not the one of the application: interactions will be refused.")
    if not base.text(application, "interactions_endpoint_url"):
        return Finding(True, "Interactions come over the gateway: the application names no endpoint URL.")
    return Finding(True, "Interactions come to the application's endpoint URL.")


def _gateway(account: Account) -> Finding:
    try:
        gateway = _get(account, "gateway/bot")
    except DeliveryError as error:
        return Finding(False, f"The gateway does not answer: {_why(error)}")
    left = base.mapping(gateway.get("session_start_limit")).get("remaining")
    if isinstance(left, int) and left < STARTS_LOW:
        return Finding(False, f"The gateway allows only {left} more connections today.")
    return Finding(True, f"The gateway allows {left} more connections today.")


def _get(account: Account, path: str) -> Mapping[str, Any]:
    return wire.body(client.call(account, "GET", path, bucket=path))


def _why(error: DeliveryError) -> str:
    return error.said
