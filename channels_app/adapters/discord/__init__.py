"""How does Discord read and write? The door of the adapter; its rooms are beside it.

A Channel of this kind: `account` = the application's id; `config`: `app` (the word in the interactions endpoint's URL),
`public_key`, perhaps `bot_user_id`, `base_url`, `link_url`; `credentials`: `bot_token`. Messages come over the gateway
(`manage.py run_discord_gateway`), taps and commands to the endpoint `/webhooks/discord/<app>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeepLink, Envelope, File, Finding, Outgoing, Request, Sent
from channels_app.adapters.discord import checking, client, connecting, files, incoming, reading, signature
from conversations.capabilities import Capabilities


class DiscordAdapter(base.Plain):
    """Discord: direct messages, and messages in servers that speak to the bot."""

    kind = "discord"
    title = "Discord"
    settings = {
        "app": "The word that names your application in the interactions endpoint's URL.",
        "public_key": "The application's public key: Discord signs interactions with the other half of it.",
        "bot_user_id": "The bot's user id, if it is not the application's id (bots made before 2017).",
        "base_url": "Another API than Discord's, for tests.",
        "link_url": "Another address than https://discord.com for links to the bot, for tests.",
    }
    secrets = {"bot_token": "With it we call the API and connect to the gateway."}
    required_settings = ("app", "public_key")
    required_secrets = ("bot_token",)
    capabilities = Capabilities(
        kind="discord", text_limit=2000, caption_limit=2000, choice_text_limit=2000, buttons_max=3, button_label_max=80,
        list_max=25, list_label_max=100, list_description_max=100, list_button_max=150, payload_max=100, typing=True,
        media_max=client.FILE_MAX, collapses=True, rate=45.0, typing_seconds=10.0,
    )  # fmt: skip  # the API takes 50 requests a second for everything

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        return signature.signers(request, accounts)

    def opened(self, request: Request, signers: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
        envelope = base.spoken_by(signers, self.split(request), accounts)
        signed = {account.account for account in signers}
        if len(signed) == 1:
            named = tuple(replace(event, account=event.account or next(iter(signed))) for event in envelope.events)
            return replace(envelope, events=named)
        return envelope

    def split(self, request: Request) -> Envelope:
        return incoming.split(base.loads(request.body))

    def parse(self, raw: str, account: Account) -> Sequence[base.Parsed]:
        return incoming.parse(raw, account)

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        return client.send(account, outgoing)

    def signal(self, account: Account, signal: base.Signal) -> None:
        client.signal(account, signal)

    def fetch(self, account: Account, reference: str) -> File:
        return files.fetch(account, reference)

    def link(self, account: Account, code: str) -> DeepLink:
        """No link of Discord's carries a code into a conversation: it opens the bot's profile, the code is written."""
        root = account.text("link_url", "https://discord.com").rstrip("/")
        return DeepLink(f"{root}/users/{reading.our_id(account)}", f"link {code}")

    def check(self, account: Account) -> Sequence[Finding]:
        return checking.check(account)

    def connect(self, account: Account, url: str) -> Sequence[Finding]:
        return connecting.connect(account, url)


adapter = DiscordAdapter()
