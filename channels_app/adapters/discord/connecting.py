"""How is the application set up? The command `/link`, and the URL of our endpoint; Discord tries that at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from channels_app.adapters.base import Account, DeliveryError, Finding
from channels_app.adapters.discord import checking, client

STRING = 3  # type of a command's option
LINK: dict[str, Any] = {
    "name": "link",
    "description": "Connect this conversation with the one you came from",
    "options": [{"name": "code", "description": "The code you were shown", "type": STRING, "required": True}],
    "contexts": [0, 1],  # in servers and in direct messages
}


def connect(account: Account, url: str) -> Sequence[Finding]:
    """Sets both, and says what `check` finds then."""
    client.circuit(account).forgive()
    command = f"applications/{account.account}/commands"
    found = [
        _set(account, "The command /link", "POST", command, LINK),
        _set(account, "The endpoint URL", "PATCH", "applications/@me", {"interactions_endpoint_url": url}),
    ]
    return [*found, *checking.check(account)]


def _set(account: Account, what: str, method: str, path: str, body: dict[str, Any]) -> Finding:
    try:
        client.call(account, method, path, bucket=path, json=body)
    except DeliveryError as error:
        return Finding(False, f"{what} was refused: {error.said}")
    return Finding(True, f"{what} is set.")
