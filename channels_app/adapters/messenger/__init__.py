"""How do Messenger and Instagram read and write? The door of both adapters; their rooms are beside it.

A Channel of this kind: `account` = page id (Instagram: the professional account's id); `config`: `app` (the word in
the webhook's URL), `app_id`, `username`, `base_url`, `version`; `credentials`: `app_secret`, `verify_token`,
`access_token`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

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
from channels_app.adapters.messenger import client, files, incoming, wording
from conversations.capabilities import Capabilities

HUMAN_AGENT_HOURS = 7 * 24  # how long a person of ours may answer, where nobody else may any more
MB = 1024 * 1024


class MessengerAdapter(base.Plain):
    """Messenger (a Facebook page's messages)."""

    kind = "messenger"
    title = "Messenger"
    object: ClassVar[str] = "page"  # what Meta calls the thing that webhooks are about
    uploads: ClassVar[bool] = True  # a file may be sent as bytes, not only as a link
    marks: ClassVar[bool] = True  # a message may carry our id, which its echo brings back
    fields: ClassVar[Sequence[str]] = (
        "messages", "messaging_postbacks", "message_deliveries", "message_reads", "message_echoes",
        "message_reactions", "message_edits", "messaging_referrals", "messaging_optins",
    )  # fmt: skip
    settings = {
        "app": "The word that names your Meta app in the webhook's URL; pages of one app share it.",
        "app_id": "Your Meta app's id: what it sent itself is told apart from what people write in Meta's inbox.",
        "username": "The page's name in m.me links; without it the page id is used.",
        "base_url": "Another Graph API than Meta's, for tests.",
        "version": "The version of the Graph API.",
    }
    secrets = {
        "app_secret": "Signs Meta's webhooks to us.",
        "verify_token": "The word Meta must show when it proves our URL.",
        "access_token": "The page's token: with it we call the Graph API.",
    }
    required_settings = ("app",)
    required_secrets = ("app_secret", "verify_token", "access_token")
    capabilities = Capabilities(
        kind="messenger", text_limit=1000, caption_limit=0, choice_text_limit=1000, buttons_max=13, button_label_max=20,
        list_max=13, list_label_max=20, page_max=13, payload_max=1000, typing=True, typing_seconds=20, receipts=True,
        window_hours=24, agent_window_hours=HUMAN_AGENT_HOURS, media_max=25 * MB,
    )  # fmt: skip

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        return meta_signature.signers(request, accounts)

    def split(self, request: Request) -> Envelope:
        return incoming.split(base.loads(request.body), self.object)

    def handshake(self, query: Mapping[str, str], accounts: Sequence[Account]) -> str | None:
        return meta_signature.handshake(query, accounts)

    def parse(self, raw: str, account: Account) -> Sequence[base.Parsed]:
        return incoming.parse(raw, account)

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        body = wording.request(outgoing, marks=self.marks)
        upload = wording.upload(outgoing) if self.uploads else None
        return client.send(account, body, upload)

    def signal(self, account: Account, signal: Signal) -> None:
        client.act(account, wording.action(signal))

    def fetch(self, account: Account, reference: str) -> File:
        return files.fetch(account, reference)

    def link(self, account: Account, code: str) -> DeepLink | None:
        page = account.text("username", account.account)
        return DeepLink(f"https://m.me/{page}?ref={code}") if page else None

    def check(self, account: Account) -> Sequence[Finding]:
        return client.check(account)

    def connect(self, account: Account, url: str) -> Sequence[Finding]:
        return client.subscribe(account, self.fields, url)


adapter = MessengerAdapter()
