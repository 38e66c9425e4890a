"""Was this posted by our e-mail service? A password in the URL, the service's signature, or both: never neither."""

from __future__ import annotations

import hmac
import time
from base64 import b64decode, b64encode
from binascii import Error as BadBase64

from anymail.exceptions import AnymailError
from django.core.exceptions import ImproperlyConfigured, SuspiciousOperation

from channels_app.adapters import base
from channels_app.adapters.base import Account, Request
from channels_app.adapters.email import esps, posted
from channels_app.adapters.email.esps import SIGNING, Esp
from common import numbers

PASSWORD = "webhook_secret"
OLDEST = 12 * 3600  # seconds: Mailgun signs the time and not the body, and it tries again for eight hours
REFUSED = (SuspiciousOperation, ImproperlyConfigured, AnymailError, ValueError, TypeError, LookupError, AttributeError)


def missing(account: Account) -> str:
    """Why nothing may be posted to this channel yet, '' if it may."""
    esp = esps.of(account)
    if esp is None or esp.refusal:
        return esp.refusal if esp else "No e-mail service is named."
    if account.secrets(PASSWORD) or (account.secrets(SIGNING) and esps.signs(esp)):
        return ""
    signing = " or the key with which it signs" if esps.signs(esp) else ""
    return f"Anybody could post mail here: set a webhook secret (user:password, part of the webhook's URL){signing}."


def is_from_service(account: Account, request: Request, *, is_inbound: bool) -> bool:
    """Everything that this channel has a secret for is right."""
    esp = esps.of(account)
    if esp is None or missing(account):
        return False
    passwords, keys = account.secrets(PASSWORD), account.secrets(SIGNING)
    names = esps.proofs(esp, is_inbound=is_inbound)
    if passwords and not _knows_password(request, passwords):
        return False
    if not (keys and names):
        return bool(passwords)
    return any(_is_signed(esp, request, dict.fromkeys(names, key), is_inbound) for key in keys)


def _knows_password(request: Request, passwords: list[str]) -> bool:
    scheme, _, given = request.header("authorization").partition(" ")
    try:
        said = b64decode(given, validate=True) if scheme.lower() == "basic" else b""
    except (BadBase64, ValueError):
        return False
    return any(hmac.compare_digest(said, password.encode()) for password in passwords)


def _is_signed(esp: Esp, request: Request, secrets: dict[str, str], is_inbound: bool) -> bool:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.items()}
    headers["authorization"] = "Basic " + b64encode(b"-:-").decode()  # the password was looked at above
    given = posted.request(request.body, request.header("content-type"), headers, request.url)
    if esp.name == "mandrill":
        secrets = {**secrets, "webhook_url": request.url}
    try:
        esps.view(esp, is_inbound=is_inbound, secrets=secrets).run_validators(given)
    except REFUSED:
        return False
    return esp.name != "mailgun" or _is_recent(request, given.POST.get("timestamp"))


def _is_recent(request: Request, stamp: object) -> bool:
    if stamp is None:
        try:
            signed = base.mapping(base.mapping(base.loads(request.body)).get("signature"))
        except base.Malformed:
            return False
        stamp = base.text(signed, "timestamp")
    return abs(time.time() - (numbers.whole(str(stamp), digits=12) or 0)) < OLDEST
