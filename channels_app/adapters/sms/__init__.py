"""How do Twilio's numbers read and write? SMS, and WhatsApp senders that Twilio lends (`whatsapp:+...`).

A Channel of this kind: `account` = our number as Twilio writes it (`+15550001111`, `whatsapp:+15550001111`) or a
messaging service's id (`MG...`); `config`: `app` (the word in the webhook's URL), `account_sid`, `number`,
`api_key_sid`, `countries`, `portfolio_id`, `base_url`; `credentials`: `auth_token`, `shared_key`, `api_key_secret`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from channels_app.adapters import base
from channels_app.adapters.base import (
    Account,
    DeepLink,
    Envelope,
    File,
    Finding,
    Outgoing,
    RawEvent,
    Reply,
    Request,
    Sent,
    codes,
)
from channels_app.adapters.sms import client, files, incoming, numbers, signature
from conversations.capabilities import Capabilities

EMPTY = Reply("<Response/>", "text/xml; charset=utf-8")


class SmsAdapter(base.Plain):
    """SMS and MMS by Twilio."""

    kind = "sms"
    title = "SMS"
    settings = {
        "app": "The word that names your Twilio account in the webhook's URL; its numbers share it.",
        "account_sid": "Your Twilio account (AC...).",
        "number": "The number people write to, where the account here is a messaging service.",
        "api_key_sid": "An API key (SK...) to call Twilio with, instead of the auth token.",
        "countries": "Countries (ISO codes) that may be written to; all others are refused. Empty: every country.",
        "portfolio_id": "For WhatsApp senders: the business portfolio in which user ids (BSUID) are valid.",
        "base_url": "Another API than Twilio's, for tests.",
    }
    secrets = {
        "auth_token": "Signs Twilio's webhooks to us; without an API key we call Twilio with it, too.",
        "shared_key": "The secret of a shared key that signs webhooks instead of the auth token.",
        "api_key_secret": "The secret of the API key.",
    }
    required_settings = ("app", "account_sid")
    required_secrets = ("auth_token",)
    capabilities = Capabilities(
        kind="sms", text_limit=1600, media=False, numbered=True, receipts=True,
        answers_stop=frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "REVOKE", "OPTOUT", "START", "UNSTOP"}),
    )  # fmt: skip

    taken = EMPTY

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        return signature.check(request, accounts)

    def opened(self, request: Request, signers: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
        return Envelope((_placed(incoming.split(request), signers),), EMPTY)

    def split(self, request: Request) -> Envelope:
        return Envelope((incoming.split(request),), EMPTY)

    def parse(self, raw: str, account: Account) -> Sequence[base.Parsed]:
        return incoming.parse(raw, account)

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        return client.send(account, outgoing)

    def fetch(self, account: Account, reference: str) -> File:
        return files.fetch(account, reference)

    def link(self, account: Account, code: str) -> DeepLink | None:
        ours = numbers.sending(account.text("number", account.account))
        words = codes.written(code)
        if numbers.is_whatsapp(ours):
            return DeepLink(f"https://wa.me/{numbers.digits(ours)}?text={quote(words)}", words)
        if not numbers.digits(ours) or ours.startswith("MG"):
            return None
        return DeepLink(f"sms:{ours}?body={quote(words)}", words)

    def missing(self, account: Account) -> Sequence[str]:
        """With an API key to call by and a shared key to sign with, the auth token is not needed."""
        has_keys = account.text("api_key_sid") and account.secret("api_key_secret") and account.secret("shared_key")
        return [name for name in super().missing(account) if name != "auth_token" or not has_keys]

    def check(self, account: Account) -> Sequence[Finding]:
        return client.check(account)

    def connect(self, account: Account, url: str) -> Sequence[Finding]:
        return client.connect(account, url)


def _placed(event: RawEvent, accounts: Sequence[Account]) -> RawEvent:
    """The account as it was written down: a number in any form, or the messaging service that the number is of."""
    known = {numbers.plain(account.account): account.account for account in accounts}
    ours = known.get(numbers.plain(event.account)) or known.get(incoming.service(event))
    return replace(event, account=ours) if ours else event


adapter = SmsAdapter()
