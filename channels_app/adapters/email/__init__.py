"""How does e-mail read and write? The door of the adapter; its rooms are beside it.

A Channel of this kind: `account` = our address. Mail comes in by the webhooks of an e-mail service (`config.esp`) or
from a mailbox (`config.imap_host`), and goes out by SMTP (`config.smtp_host`) or by the service's API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeepLink, Envelope, File, Finding, Outgoing, RawEvent, Request, Sent
from channels_app.adapters.base.pulling import Pulled
from channels_app.adapters.email import (
    checking,
    files,
    incoming,
    mailbox,
    naming,
    needs,
    reading,
    sending,
    service,
    stored,
)
from conversations.capabilities import Capabilities


class EmailAdapter(base.Plain):
    """E-mail by the webhooks and API of an e-mail service, or by IMAP and SMTP."""

    kind = "email"
    title = "E-mail"
    body_max = 40 * 1024 * 1024
    slow_to_read = True
    settings = {
        "app": "The word in the webhook's URL: /webhooks/email/<word>, for mail and for delivery events alike.",
        "address": "Our address, if the account's name is another.",
        "from_name": "The name that customers see.",
        "subject": "The subject of mails that answer nobody's.",
        "esp": "The e-mail service: brevo, mailersend, mailgun, mailjet, mailtrap, mandrill, postal, postmark, resend, "
        "sendgrid or sparkpost. Amazon SES needs boto3 and is not supported: use its IMAP and SMTP sides.",
        "base_url": "Another API than the service's (Postal: your own server's), also for tests.",
        "sender_domain": "Mailgun: the domain you send from, if it is not the address's.",
        "authserv_id": "Your own receiving server's name in Authentication-Results: its DMARC pass proves senders.",
        "answer_unproven": "Off: the bot answers proven senders only; agents see the others' mails.",
        "plus_address": "Off, if your server does not deliver support+anything@ to support@.",
        "delimiter": "On: each mail begins with “## reply above this line ##”.",
        "list_unsubscribe": "A https: or mailto: link for mails that the bot sends unasked.",
        "imap_host": "The mailbox to read instead of webhooks.",
        "imap_port": "Its port: 993 unless said otherwise, 143 without TLS.",
        "imap_user": "The mailbox's user.",
        "imap_folder": "INBOX unless said otherwise.",
        "imap_security": "One of tls (the default), starttls and none.",
        "smtp_host": "The server to send by instead of the service's API.",
        "smtp_port": "Its port: 587 unless said otherwise.",
        "smtp_user": "The server's user.",
        "smtp_security": "One of starttls (the default), tls and none.",
    }
    secrets = {
        "webhook_secret": "A user:password, part of the webhook's URL at the service. Without it nothing is taken.",
        "signing_key": "The key with which the service signs its webhooks (Mailgun, MailerSend, Mailtrap, Mandrill, "
        "Postal, SendGrid's events).",
        "api_key": "With it we call the service.",
        "api_secret": "Mailjet's second key.",
        "imap_password": "Opens the mailbox.",
        "smtp_password": "Lets us send.",
    }
    switches = {"answer_unproven": True, "plus_address": True, "delimiter": False}
    capabilities = Capabilities(
        kind="email", text_limit=50_000, caption_limit=50_000, numbered=True, receipts=True, media_max=10 * 1024 * 1024,
        collapses=True,
    )  # fmt: skip

    def signers(self, request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
        return incoming.signers(request, accounts)

    def opened(self, request: Request, signers: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
        return incoming.opened(request, signers, accounts)

    def split(self, request: Request) -> Envelope:
        return incoming.split(request)

    def parse(self, raw: str, account: Account) -> Sequence[base.Parsed]:
        return reading.parse(raw, account)

    def send(self, account: Account, outgoing: Outgoing) -> Sent:
        return sending.send(account, outgoing)

    def fetch(self, account: Account, reference: str) -> File:
        return files.fetch(account, reference)

    def link(self, account: Account, code: str) -> DeepLink | None:
        return naming.link(account, code)

    def missing(self, account: Account) -> Sequence[str]:
        return needs.missing(account)

    def check(self, account: Account) -> Sequence[Finding]:
        return checking.check(account)

    def is_pulled(self, account: Account) -> bool:
        return bool(account.text("imap_host"))

    def pull(self, account: Account, place: Mapping[str, Any], limit: int) -> Pulled:
        return mailbox.pull(account, place, limit)

    def wait(self, account: Account, seconds: float) -> None:
        mailbox.wait(account, seconds)

    def collect(self, account: Account, raw: str) -> RawEvent:
        return incoming.event(service.collect(account, stored.unpack(raw)), [account])


adapter = EmailAdapter()
