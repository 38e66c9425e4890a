"""What does a webhook of an e-mail service, or a raw mail, hold? Single events for the inbox, each with its own key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from channels_app.adapters import base
from channels_app.adapters.base import Account, BadSignature, Envelope, RawEvent, Request
from channels_app.adapters.email import automatic, esps, mime, naming, posted, signature, stored, tracking, units
from channels_app.adapters.email.letters import Letter
from channels_app.adapters.email.stored import Stored
from common import clock

FORMS = {"mailgun": "body-plain", "sendgrid": "envelope"}  # a field that only this service's inbound form has


def signers(request: Request, accounts: Sequence[Account]) -> Sequence[Account]:
    """The first account whose service posted this; `BadSignature`, `Malformed`."""
    for account in accounts:
        esp = esps.of(account)
        if esp is None or esp.refusal:
            continue
        is_inbound = any(one.what in ("inbound", "pointer") for one in _stored(request, esp.name))
        if signature.is_from_service(account, request, is_inbound=is_inbound):
            return [account]
    raise BadSignature


def opened(request: Request, signed: Sequence[Account], accounts: Sequence[Account]) -> Envelope:
    """The events of an authentic call, each for the account it was written to; `Malformed`."""
    esp = esps.of(signed[0]) if signed else None
    found = _stored(request, esp.name if esp else "")
    return Envelope(tuple(event(one, [*signed, *accounts]) for one in found))


def split(request: Request) -> Envelope:
    """The events of a saved body, whoever posted it: told by its shape. Raw mails count, too."""
    return Envelope(tuple(event(one, ()) for one in _stored(request, "")))


def event(one: Stored, accounts: Sequence[Account]) -> RawEvent:
    """A stored event as the inbox takes it; `accounts` are those that may be meant, the likeliest first.

    Never raises: what makes a library stumble is kept as `other`, and the mails behind it come all the same.
    """
    try:
        return _read(one, accounts)
    except Exception:  # noqa: BLE001 -- the intake's fall-back
        return _event(one, _digest(one.body), "", "other", accounts[0].account if accounts else "")


def _read(one: Stored, accounts: Sequence[Account]) -> RawEvent:
    if one.what in ("tracking", "pointer"):
        return _of_service(one, accounts)
    raw = mime.raw(one)
    if raw is None:
        return _event(one, _digest(one.body), "", "other", accounts[0].account if accounts else "")
    letter = Letter(raw)
    account = next((found for found in accounts if _is_written_to(letter, found)), accounts[0] if accounts else None)
    sender = letter.sender[1]
    found = automatic.report(letter)
    # A complaint is about a person: it waits its turn with their messages.
    kind: base.Kind = "status" if automatic.is_report(letter) and not (found and found.is_complaint) else "message"
    return _event(one, key(letter, one.event_id), sender, kind, account.account if account else "")


def key(letter: Letter, event_id: str = "") -> str:
    """The Message-ID; without one the hash of the mail with the service's own id of it."""
    if letter.message_id:
        return letter.message_id
    said = "\0".join((letter.sender[1], letter.subject, letter.header("Date"), letter.text, letter.html))
    # A mail that a service took apart and we put together has another boundary each time: its words have not.
    return "/".join(filter(None, (_digest(said.encode("utf-8", "replace")), event_id)))


def _stored(request: Request, esp: str) -> list[Stored]:
    content_type = request.header("content-type")
    kind = content_type.partition(";")[0].strip().lower()
    if kind in (posted.FORM, "multipart/form-data"):
        return _of_form(request.body, content_type, esp)
    try:
        found = units.of(base.loads(request.body), esp)
    except base.Malformed:
        if esp or not _is_mime(request.body):
            raise
        return [Stored("mime", request.body, content_type="message/rfc822")]
    return [Stored(one.what, base.dumps(one.body).encode(), one.esp, event_id=one.event_id) for one in found]


def _of_form(body: bytes, content_type: str, esp: str) -> list[Stored]:
    """Mandrill's events are JSON in a form; Mailgun's and SendGrid's mails are forms, with files, kept as they came."""
    fields, _ = posted.form(body, content_type)
    if "mandrill_events" in fields:
        found = units.of({"mandrill_events": fields["mandrill_events"]}, "mandrill")
        return [Stored(one.what, base.dumps(one.body).encode(), "mandrill", event_id=one.event_id) for one in found]
    name = esp or ("mailgun" if "signature" in fields or "body-plain" in fields else "sendgrid")
    # Mailgun's token is new for each try of the same mail; it tells nothing apart.
    what = "tracking" if fields.get("event") and fields.get("event") != "inbound" else "inbound"
    return [Stored(what, body, name, content_type)]


def _of_service(one: Stored, accounts: Sequence[Account]) -> RawEvent:
    unique = f"{one.esp}/{one.what}/{one.event_id}" if one.event_id else _digest(one.body)
    if one.what == "pointer":
        return _event(one, unique, "", "message", accounts[0].account if accounts else "")
    events = tracking.read(one)
    channel = tracking.channel_of(events)
    account = next((found for found in accounts if found.key == channel), accounts[0] if accounts else None)
    # One id may come with several news (`sent`, then `delivered`): the body tells them apart.
    unique = f"{unique}/{_digest(one.body)[7:39]}" if one.event_id else unique
    kind: base.Kind = "status" if tracking.is_receipt(events) else "message"
    return _event(one, unique, tracking.recipient(events), kind, account.account if account else "")


def _event(one: Stored, unique: str, handle: str, kind: base.Kind, account: str) -> RawEvent:
    named = base.safe_key(unique)
    return RawEvent(named, handle or named, clock.now(), stored.pack(one.keyed(named)), kind, account)


def _is_written_to(letter: Letter, account: Account) -> bool:
    return any(naming.is_to(address, account) for address in letter.recipients)


def _is_mime(body: bytes) -> bool:
    name, colon, _ = body.lstrip()[:200].partition(b"\n")[0].partition(b":")
    return (bool(colon) and name.replace(b"-", b"").isalnum()) or body.startswith(b"From ")


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()
