"""Is this mailbox set up right? Log-ins and one call with the key, all of them read-only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from channels_app.adapters.base import Account, DeliveryError, Finding
from channels_app.adapters.email import errors, esps, mailbox, naming, sending, service, signature

# Services that take mails apart: whatever stands in such a mail's headers, its sender may have written.
WHOLE = "proves nobody unless it posts raw MIME with your server's own header on top"
NEVER = "never hands over the mail as it came"
TAKEN_APART = {"brevo": NEVER, "mailjet": NEVER, "postmark": WHOLE, "sendgrid": WHOLE, "mailgun": WHOLE}


def check(account: Account) -> Sequence[Finding]:
    """Address, ways in, ways out; nothing is written, nothing marked as read."""
    return [*_address(account), *_way_in(account), *_way_out(account), *_trust(account)]


def _address(account: Account) -> Iterator[Finding]:
    if "@" not in naming.address_of(account):
        yield Finding(False, "The channel's account is no e-mail address.")


def _way_in(account: Account) -> Iterator[Finding]:
    if account.text("imap_host"):
        yield _mailbox(account)
    if account.text("esp"):
        why = signature.missing(account)
        yield Finding(not why, why or "Webhooks are protected by a secret.")
    elif not account.text("imap_host"):
        yield Finding(False, "No way in: name an e-mail service (esp) or a mailbox (imap_host).")


def _way_out(account: Account) -> Iterator[Finding]:
    if account.text("smtp_host"):
        yield _server(account)
        return
    esp = esps.of(account)
    if esp is None:
        yield Finding(False, "No way out: name an e-mail service (esp) or a mail server (smtp_host).")
    elif not esp.refusal:
        yield _key(account, esp)


def _trust(account: Account) -> Iterator[Finding]:
    esp = esps.of(account)
    if account.text("authserv_id") and esp is not None and not account.text("imap_host") and esp.name in TAKEN_APART:
        yield Finding(
            True, f"No sender is proven: {esp.title} {TAKEN_APART[esp.name]}; authserv_id has no effect else."
        )
    elif account.text("authserv_id"):
        yield Finding(True, "Senders are proven by a DMARC pass of your own mail server.")
    else:
        yield Finding(True, "No sender is proven: set authserv_id to your receiving server's name to trust its DMARC.")


def _mailbox(account: Account) -> Finding:
    try:
        mailbox.pull(account, {}, 0)
    except DeliveryError as error:
        return Finding(False, f"The mailbox does not open: {error.provider_text}.")
    return Finding(True, "The mailbox opens.")


def _server(account: Account) -> Finding:
    line = sending.smtp_line(account)
    try:
        line.ready()
    except errors.SMTP as error:
        found = errors.of_smtp(error, was_given=False)
        line.close()
        return Finding(False, f"The mail server does not let us in: {found.said}")
    except ValueError:
        return Finding(False, "The mail server's settings contradict each other.")
    return Finding(True, "The mail server lets us in.")


def _key(account: Account, esp: esps.Esp) -> Finding:
    if not all(account.secret(name) for name in esp.keys.values()):
        return Finding(False, f"The API key of {esp.title} is not set.")
    path = esp.asks[0]
    if not path:
        return Finding(True, f"{esp.title} has no call that proves a key; the first mail will.")
    try:
        service.get(account, esp, path)
    except DeliveryError as error:
        return Finding(False, f"{esp.title} does not take the key: {error.said}")
    return Finding(True, f"{esp.title} takes the key.")
