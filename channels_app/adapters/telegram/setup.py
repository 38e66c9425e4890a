"""Is the bot set up, and if not, how is it? Token, webhook and links; only `connect` changes anything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeepLink, DeliveryError, Finding
from channels_app.adapters.telegram import client
from common import clock

# What Telegram sends only when it is asked for by name: reactions. Everything else we read is listed with it.
UPDATES = (
    "message", "edited_message", "callback_query", "message_reaction", "message_reaction_count", "my_chat_member",
    "chat_member",
)  # fmt: skip
COMMANDS = (("start", "Begin"), ("menu", "Show what I can do"), ("agent", "Talk to a person"), ("help", "Help"))
CONNECTIONS = 40  # that Telegram may open to us at the same time
BACKLOG = 100  # updates waiting at Telegram that are worth a word
RECENT = 600.0  # seconds: an older error of the webhook is history
CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def link(account: Account, code: str) -> DeepLink | None:
    """`t.me/<bot>?start=<code>`; the code comes back with the person's first message."""
    username = account.text("username").removeprefix("@")
    if not username or not CODE.fullmatch(code):
        return None
    return DeepLink(f"{account.text('link_url', 'https://t.me').rstrip('/')}/{username}?start={code}")


def connect(account: Account, url: str) -> Sequence[Finding]:
    """Tells Telegram where our webhook is and what the bot's commands are; then says how things stand."""
    if not account.secret("secret_token"):
        return [Finding(False, "There is no secret_token: without it anybody could pretend to be Telegram.")]
    webhook = {
        "url": url,
        "secret_token": account.secret("secret_token"),
        "allowed_updates": list(UPDATES),
        "max_connections": CONNECTIONS,
    }
    commands = [{"command": name, "description": words} for name, words in COMMANDS]
    try:
        client.ask(account, "setWebhook", webhook)
        client.ask(account, "setMyCommands", {"commands": commands})
    except DeliveryError as error:
        return [_failed("The webhook could not be set", error)]
    return check(account)


def check(account: Account) -> Sequence[Finding]:
    """Does the token belong to the bot, and does Telegram know our webhook and get through to it? Reads only."""
    try:
        bot = client.ask(account, "getMe")
        webhook = client.ask(account, "getWebhookInfo")
    except DeliveryError as error:
        return [_failed("The bot does not answer", error)]
    return [_bot(account, bot), *_webhook(account, webhook)]


def _bot(account: Account, bot: Mapping[str, Any]) -> Finding:
    known, username = base.text(bot, "id"), base.text(bot, "username")
    if known != account.account:
        return Finding(False, f"The token is that of the bot {known} (@{username}), not of {account.account}.")
    if username.lower() != account.text("username").removeprefix("@").lower():
        return Finding(False, f"The bot's name is @{username}: put it into the setting `username`, links need it.")
    return Finding(True, f"The bot @{username} answers.")


def _webhook(account: Account, info: Mapping[str, Any]) -> list[Finding]:
    url, waiting = base.text(info, "url"), info.get("pending_update_count")
    if not url.endswith(f"/webhooks/telegram/{account.text('app')}"):
        where = "another address" if url else "no address"
        return [Finding(False, f"Telegram posts to {where}. Connect the channel to set its webhook.")]
    found = [Finding(True, "Telegram posts to our webhook.")]
    allowed = info.get("allowed_updates")
    if missing := sorted(set(UPDATES) - set(allowed if isinstance(allowed, list) else [])):
        found.append(Finding(False, f"The webhook leaves out {', '.join(missing)}. Connect the channel again."))
    if isinstance(waiting, int) and waiting > BACKLOG:
        found.append(Finding(False, f"{waiting} updates wait at Telegram."))
    failed_at = info.get("last_error_date")
    if isinstance(failed_at, int) and clock.now().timestamp() - failed_at < RECENT:
        found.append(Finding(not waiting, f"Telegram's last error with our webhook: {_words(info)}."))
    return found


def _words(info: Mapping[str, Any]) -> str:
    return base.text(info, "last_error_message")[:200].rstrip(".")


def _failed(what: str, error: DeliveryError) -> Finding:
    return Finding(False, f"{what}: {error.said}.")
