"""What does the gateway's process ask of Discord's HTTP API? Where to connect, what was missed, and "we heard you"."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from channels_app.registry import Account
from common import plain_json

log = logging.getLogger(__name__)

BASE_URL = "https://discord.com/api/v10"
AGENT = "DiscordBot (https://github.com/throughline/throughline, 1)"  # anything else is turned away
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
PAGE = 100  # messages in one answer, the most there can be
WAIT_MAX = 300.0  # seconds; Discord never asks for more when messages are read
LOCAL = ("localhost", "127.0.0.1", "::1")


class Refused(Exception):
    """Discord does not want this bot, or it cannot be asked with this set-up."""


class Unanswered(Exception):
    """No answer, or none that helps now; `wait` is how many seconds it asks for."""

    def __init__(self, text: str, wait: float = 0.0) -> None:
        super().__init__(text)
        self.wait = wait


class Forbidden(Unanswered):
    """This question is not for us: 403 or 404."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where to connect, and how many sessions may still be begun; in `reset_after` seconds there are more."""

    url: str
    remaining: int
    reset_after: float


class Api:
    """Discord's API for one bot."""

    def __init__(self, account: Account) -> None:
        self.account = account
        root = account.text("base_url", BASE_URL).rstrip("/") + "/"
        headers = {"user-agent": AGENT, "authorization": f"Bot {account.secret('bot_token')}"}
        is_local = urlsplit(root).hostname in LOCAL
        self.client = httpx.AsyncClient(base_url=root, headers=headers, timeout=TIMEOUT, trust_env=not is_local)

    async def start(self) -> Start:
        """`GET /gateway/bot`."""
        answer = await self._ask("GET", "gateway/bot")
        limit = answer.get("session_start_limit")
        limit = limit if isinstance(limit, dict) else {}
        url = answer.get("url")
        if not isinstance(url, str) or not url.startswith(("wss://", "ws://")):
            raise Unanswered("no gateway is named")
        return Start(url, _whole(limit.get("remaining"), 1), _whole(limit.get("reset_after"), 0) / 1000)

    async def messages(self, place: int, after: int) -> list[Mapping[str, Any]] | None:
        """Up to `PAGE` messages after an id, the oldest first; None if the place cannot be read any more."""
        path = f"channels/{place}/messages"
        try:
            found = await self._ask("GET", path, params={"after": str(after), "limit": PAGE})
        except Forbidden:
            return None
        listed = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
        return sorted(listed, key=lambda one: _whole(one.get("id"), 0))

    async def acknowledge(self, interaction: Mapping[str, Any], reply: str) -> None:
        """Answers an interaction that came over the gateway; a failure is Discord's to show."""
        path = f"interactions/{interaction.get('id')}/{interaction.get('token')}/callback"
        try:
            await self._ask("POST", path, content=reply, headers={"content-type": "application/json"})
        except (Refused, Unanswered) as error:
            log.warning("an interaction was not acknowledged: %s", error)

    async def close(self) -> None:
        """Ends the connections."""
        await self.client.aclose()

    async def _ask(self, method: str, path: str, **content: Any) -> Any:
        try:
            answer = await self.client.request(method, path, **content)
        except httpx.HTTPError as error:
            raise Unanswered(type(error).__name__) from error
        except (httpx.InvalidURL, ValueError) as error:
            raise Refused("the base URL or the token cannot be used") from error
        if answer.status_code == 401:
            raise Refused("Discord refuses the bot's token (401).")
        if answer.status_code in (403, 404):
            raise Forbidden(f"Discord answers {answer.status_code}")
        if not answer.is_success:
            raise Unanswered(f"Discord answers {answer.status_code}", _wait(answer))
        try:
            return json.loads(answer.content, parse_int=plain_json.whole) if answer.content else {}
        except (ValueError, RecursionError) as error:
            raise Unanswered("the answer cannot be read") from error


def _wait(answer: httpx.Response) -> float:
    for name in ("retry-after", "x-ratelimit-reset-after"):
        try:
            return min(max(float(answer.headers.get(name, "")), 0.0), WAIT_MAX)
        except ValueError:
            continue
    return 0.0


def _whole(value: object, otherwise: int) -> int:
    """A number, also one written as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
