"""What does this mailbox still lack? A way in and a way out, each by an e-mail service or by a server of your own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from channels_app.adapters.base import Account
from channels_app.adapters.email import esps, naming, signature


def missing(account: Account) -> Sequence[str]:
    """The names of what has to be filled in; an alternative is named as such. Nobody is asked."""
    found = [] if "@" in naming.address_of(account) else ["account"]
    return list(dict.fromkeys([*found, *_way_in(account), *_way_out(account)]))


def _way_in(account: Account) -> Iterator[str]:
    if account.text("imap_host"):
        yield from () if account.text("imap_user") else ("imap_user",)
        yield from () if account.secret("imap_password") else ("imap_password",)
        return
    esp = _service(account)
    if esp is None:
        yield "esp or imap_host"
        return
    if not account.text("app"):
        yield "app"
    if signature.missing(account):
        yield "webhook_secret"


def _way_out(account: Account) -> Iterator[str]:
    """A mail server of one's own may let everybody in."""
    if account.text("smtp_host"):
        yield from ("smtp_password",) if account.text("smtp_user") and not account.secret("smtp_password") else ()
        return
    esp = _service(account)
    if esp is None:
        yield "esp or smtp_host"
        return
    yield from (name for name in esp.keys.values() if not account.secret(name))


def _service(account: Account) -> esps.Esp | None:
    esp = esps.of(account)
    return None if esp is None or esp.refusal else esp
