"""Which e-mail services do we know: anymail's views and backends for each, and the names of its keys in our words?

`keys`: argument of the sending backend -> name of our secret. `proofs`: argument of a webhook view -> name of our
secret, for services that sign what they post. `refusal` is why a service cannot be used here; the admin reads it.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from channels_app.adapters.base import NOTHING, Account


@dataclass(frozen=True, slots=True)
class Esp:
    """One e-mail service provider."""

    name: str
    title: str
    views: str = ""  # prefix of anymail's classes: <prefix>InboundWebhookView and <prefix>TrackingWebhookView
    api: str = ""  # the base URL of its API
    keys: Mapping[str, str] = field(default_factory=dict)
    proofs: Mapping[str, str] = field(default_factory=dict)  # of both views
    proofs_inbound: Mapping[str, str] = field(default_factory=dict)
    proofs_tracking: Mapping[str, str] = field(default_factory=dict)
    asks: tuple[str, str, str] = ("", "", "")  # a read-only call that proves the key: path, header, value with {key}
    is_combined: bool = False  # one view for both
    keeps_id: Mapping[str, str] = field(default_factory=dict)  # headers that let it keep our Message-ID
    refusal: str = ""


_LOCK = threading.Lock()
API_KEY = {"api_key": "api_key"}
SIGNING = "signing_key"
BEARER = ("Authorization", "Bearer {key}")
ESPS: Mapping[str, Esp] = {
    esp.name: esp
    for esp in (
        Esp("postmark", "Postmark", "Postmark", "https://api.postmarkapp.com/", {"server_token": "api_key"},
            asks=("server", "X-Postmark-Server-Token", "{key}"), keeps_id={"X-PM-KeepID": "true"}),
        Esp("sendgrid", "SendGrid", "SendGrid", "https://api.sendgrid.com/v3/", API_KEY,
            proofs_tracking={"tracking_webhook_verification_key": SIGNING}, asks=("scopes", *BEARER)),
        Esp("mailgun", "Mailgun", "Mailgun", "https://api.mailgun.net/v3/", API_KEY,
            proofs={"webhook_signing_key": SIGNING}, asks=("domains", "Authorization", "Basic {basic}")),
        Esp("mailersend", "MailerSend", "MailerSend", "https://api.mailersend.com/v1/", {"api_token": "api_key"},
            proofs_inbound={"inbound_secret": SIGNING}, proofs_tracking={"signing_secret": SIGNING},
            asks=("domains", *BEARER)),
        Esp("mailjet", "Mailjet", "Mailjet", "https://api.mailjet.com/v3.1/",
            {"api_key": "api_key", "secret_key": "api_secret"},
            asks=("../v3/REST/apikey", "Authorization", "Basic {basic}")),
        Esp("mailtrap", "Mailtrap", "Mailtrap", "https://send.api.mailtrap.io/api/", {"api_token": "api_key"},
            proofs_inbound={"inbound_secret": SIGNING}, proofs_tracking={"tracking_secret": SIGNING}),
        Esp("brevo", "Brevo", "Brevo", "https://api.brevo.com/v3/", API_KEY, asks=("account", "api-key", "{key}")),
        Esp("resend", "Resend", "Resend", "https://api.resend.com/", API_KEY, asks=("domains", *BEARER)),
        Esp("sparkpost", "SparkPost", "SparkPost", "https://api.sparkpost.com/api/v1/", API_KEY,
            asks=("account", "Authorization", "{key}")),
        Esp("postal", "Postal", "Postal", "", API_KEY, proofs={"webhook_key": SIGNING}),
        Esp("mandrill", "Mandrill", "Mandrill", "https://mandrillapp.com/api/1.0/", API_KEY,
            proofs={"webhook_key": SIGNING}, is_combined=True),
        Esp("amazon_ses", "Amazon SES", refusal="Amazon SES needs the package boto3 and signs nothing that we could "
            "check, so it is not supported: receive its mail by IMAP and send by its SMTP interface instead."),
    )
}  # fmt: skip


def of(account: Account) -> Esp | None:
    """The service of a channel; None if it names none, or one that nobody knows."""
    return ESPS.get(account.text("esp").lower())


def view(esp: Esp, *, is_inbound: bool, secrets: Mapping[str, str] = NOTHING) -> Any:
    """Anymail's view for one direction; `secrets` (argument -> value) prove what is posted."""
    kind = "Combined" if esp.is_combined else "Inbound" if is_inbound else "Tracking"
    made = getattr(import_module(f"anymail.webhooks.{esp.name}"), f"{esp.views}{kind}WebhookView")
    needed = {"api_key": "-"} if esp.name == "brevo" and is_inbound else {}
    # Who may post was asked already (`signature`); a view without any secret would only warn.
    with quiet(esp):
        return made(**{"webhook_secret": ["-:-"], **needed, **secrets})


@contextmanager
def quiet(esp: Esp) -> Iterator[None]:
    """Anymail says of SendGrid at every use that it can no longer be tried out; once, in our docs, is enough."""
    if esp.name != "sendgrid":
        yield
        return
    with _LOCK, warnings.catch_warnings():  # it changes the whole process
        warnings.simplefilter("ignore")
        yield


def proofs(esp: Esp, *, is_inbound: bool) -> Mapping[str, str]:
    """Argument of the view -> name of our secret, for what this service signs."""
    return {**esp.proofs, **(esp.proofs_inbound if is_inbound else esp.proofs_tracking)}


def signs(esp: Esp) -> bool:
    """Does it sign everything it posts to us?"""
    return bool(esp.proofs or (esp.proofs_inbound and esp.proofs_tracking))
