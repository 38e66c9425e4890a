"""How does WhatsApp's Cloud API read and write? The door of the adapter; its rooms are beside it.

A Channel of this kind: `account` = phone_number_id; `config`: `app` (the word in the webhook's URL), `base_url`,
`version`, `waba_id`, `portfolio_id`; `credentials`: `app_secret`, `verify_token`, `access_token`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels_app.adapters import base
from channels_app.adapters.base import (
    Account,
    DeepLink,
    Envelope,
    File,
    Finding,
    Outgoing,
    Request,
    Sent,
    Signal,
    meta_signature,
)
from channels_app.adapters.base.templating import TemplateForm
from channels_app.adapters.whatsapp import client, files, incoming, setup
from conversations.capabilities import Capabilities


class WhatsAppAdapter(base.Plain):
    """WhatsApp Cloud API (Meta Graph)."""

    kind = "whatsapp"
    title = "WhatsApp"
    settings = {
        "app": "The word that names your Meta app in the webhook's URL; numbers of one app share it.",
        "waba_id": "The WhatsApp Business account that owns the number.",
        "portfolio_id": "The business portfolio: customers' user ids (BSUID) are valid within it.",
        "base_url": "Another Graph API than Meta's, for tests.",
        "version": "The version of the Graph API.",
        "display_phone_number": "The number that people write to, with country code: links to this channel need it.",
        "link_text": "What stands before the code in the text of such a link.",
        "link_url": "Another place than https://wa.me that such links lead to, for tests.",
    }
    secrets = {
        "app_secret": "Signs Meta's webhooks to us.",
        "verify_token": "The word Meta must show when it proves our URL.",
        "access_token": "With it we call the Graph API.",
    }
    required_settings = ("app",)
    required_secrets = ("app_secret", "verify_token", "access_token")
    capabilities = Capabilities(
        kind="whatsapp", text_limit=4096, caption_limit=1024, choice_text_limit=1024, buttons_max=3,
        button_label_max=20, list_max=10, list_label_max=24, list_description_max=72, list_button_max=20,
        payload_max=200, location=True, typing=True, receipts=True, window_hours=24, templates=True,
        rate=80.0, typing_seconds=25.0, opt_out="marketing",
    )  # fmt: skip  # a button's id may have 256 characters, a list row's 200

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        return meta_signature.signers(request, accounts)

    def opened(self, request: Request, signers: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
        placed = incoming.placed(self.split(request), [*signers, *accounts])
        return base.spoken_by(signers, placed, accounts)

    def split(self, request: Request) -> Envelope:
        return incoming.split(base.loads(request.body))

    def handshake(self, query: Mapping[str, str], accounts: Sequence[Account]) -> str | None:
        return meta_signature.handshake(query, accounts)

    def parse(self, raw: str, account: Account) -> Sequence[base.Parsed]:
        return incoming.parse(raw, account)

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        return client.send(account, outgoing)

    def signal(self, account: Account, signal: Signal) -> None:
        client.signal(account, signal)

    def fetch(self, account: Account, reference: str) -> File:
        return files.fetch(account, reference)

    def link(self, account: Account, code: str) -> DeepLink | None:
        return setup.link(account, code)

    def check(self, account: Account) -> Sequence[Finding]:
        return setup.check(account)

    def connect(self, account: Account, url: str) -> Sequence[Finding]:
        return setup.connect(account, url)

    def templates(self, account: Account) -> Sequence[TemplateForm]:
        return list(client.templates(account))


adapter = WhatsAppAdapter()
