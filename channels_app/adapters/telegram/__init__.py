"""How does a Telegram bot read and write? The door of the adapter; its rooms are beside it.

A Channel of this kind: `account` = the bot's id (the digits before the colon of its token); `config`: `app` (a long
random word in the webhook's URL, one per bot), `username`, `base_url`, `link_url`; `credentials`: `token`,
`secret_token`.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from channels_app.adapters import base
from channels_app.adapters.base import Account, BadSignature, DeepLink, Envelope, File, Finding, Outgoing, Request, Sent
from channels_app.adapters.telegram import client, files, incoming, setup, wording
from conversations.capabilities import Capabilities

HEADER = "x-telegram-bot-api-secret-token"


class TelegramAdapter(base.Plain):
    """Telegram Bot API."""

    kind = "telegram"
    title = "Telegram"
    settings = {
        "app": "A long random word of your own: the bot's webhook is found under it, and nobody else should know it.",
        "username": "The bot's name, without @: links of the form t.me/<name> lead to it.",
        "base_url": "Another Bot API server than api.telegram.org, for tests or your own.",
        "link_url": "Another address than https://t.me for links to the bot, for tests.",
    }
    secrets = {
        "token": "The bot's token, as BotFather gave it: with it we call the Bot API.",
        "secret_token": "Telegram shows it with every update; 1 to 256 letters, digits, _ and -.",
    }
    required_settings = ("app",)
    required_secrets = ("token", "secret_token")
    capabilities = Capabilities(
        kind="telegram", text_limit=4096, caption_limit=1024, choice_text_limit=4096, buttons_max=10,
        button_label_max=64, payload_max=64, location=True, typing=True, typing_seconds=5.0, page_max=10, utf16=True,
        media_max=50 * 1024 * 1024,
    )  # fmt: skip

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        given = request.header(HEADER).encode("latin-1")
        known = [
            account
            for account in accounts
            for secret in account.secrets("secret_token")
            if hmac.compare_digest(given, secret.encode())
        ]
        if not known:
            raise BadSignature("no bot of this address has this secret")
        return known

    def opened(self, request: Request, signers: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
        return incoming.split(request.body, signers[0].account if signers else "")

    def split(self, request: Request) -> Envelope:
        return incoming.split(request.body, "")

    def parse(self, raw: str, account: Account) -> Sequence[base.Parsed]:
        return incoming.parse(raw)

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        return client.send(account, wording.call(outgoing))

    def signal(self, account: Account, signal: base.Signal) -> None:
        # Telegram has no "read"; a tap was answered in the very reply to its webhook.
        if signal.kind == "typing":
            where = wording.recipient(signal.address, signal.thread)
            client.ask(account, "sendChatAction", where | {"action": "typing"})

    def fetch(self, account: Account, reference: str) -> File:
        return files.fetch(account, reference)

    def link(self, account: Account, code: str) -> DeepLink | None:
        return setup.link(account, code)

    def check(self, account: Account) -> Sequence[Finding]:
        return setup.check(account)

    def connect(self, account: Account, url: str) -> Sequence[Finding]:
        return setup.connect(account, url)


adapter = TelegramAdapter()
