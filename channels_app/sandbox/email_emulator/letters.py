"""What does the pretended service keep and post? Mails of both directions, and what became of ours."""

from __future__ import annotations

import hashlib
import hmac
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.email_emulator import mails, postmark
from channels_app.sandbox.email_emulator.mails import Letter
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.shapes import Said
from common import clock

RUNG = 0.15  # seconds between two events of one mail
JSON = "application/json"
CODE = "Continue here [#{code}]"


def write(channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
    """The person writes: stored as they see it, and on its way as the channel's service posts mails."""
    if said.act == "action" and said.option in (postmark.SPAM, postmark.UNSUBSCRIBE):
        _complain(channel, person, said.option)
        return None
    letter = _letter(channel, person, said)
    files = [str(kit.keep_file(channel, letter.file).public_id)] if letter.file else []
    row = kit.store(
        channel=channel,
        address=person.email,
        external_id=letter.message_id or mails.new_id("no-id.invalid"),
        body={"Subject": letter.subject, "TextBody": said.text or letter.text, "files": files, "note": _note(letter)},
        is_from_customer=True,
    )
    body, headers = posted(channel, letter)
    kit.post(channel=channel, body=body, headers=headers, message=row)
    return row


def take(channel: Channel, body: Mapping[str, Any], failure: str) -> SandboxMessage:
    """Throughline sends, the service accepts: it shows in the mailbox, events follow."""
    known = f"mail:{_named(body).get('Message-ID', '')}"[:200]
    if (row := kit.find_message(channel, kit.recall(channel, known, ""))) is not None:
        return row  # a mail program shows what bears the same Message-ID once
    message_id = str(uuid4())
    kit.remember(channel, known, message_id)
    row = kit.store(
        channel=channel,
        address=_address(body),
        external_id=message_id,
        body=body,
        is_from_customer=False,
        state="accepted",
    )
    if failure in (postmark.BOUNCE, postmark.SPAM):
        kit.amend(row, state="failed" if failure == postmark.BOUNCE else "delivered")
        tell(channel, row, failure)
        return row
    if failure == postmark.SOFT:
        tell(channel, row, failure)
    for place, state in enumerate(kit.climb(row, ["sent", "delivered"])):
        if state != "sent":  # Postmark tells nothing of it
            tell(channel, row, state, RUNG * place + 0.05)
    return row


def tell(channel: Channel, row: SandboxMessage, kind: str, after: float = 0.05) -> None:
    """Posts one event about a mail of ours."""
    event = postmark.event(kind, row.body or {}, row.external_id, clock.now())
    kit.post(channel=channel, body=postmark.encode(event), headers=_headers(channel, JSON), after=after)


def posted(channel: Channel, letter: Letter) -> tuple[bytes, dict[str, str]]:
    """The webhook of the channel's service: Postmark's JSON, or the raw mail in Mailgun's or SendGrid's form."""
    service = str(channel.config.get("esp", "postmark"))
    if service == "mailgun":
        stamp, token = str(int(time.time())), uuid4().hex
        key = str((channel.credentials or {}).get("signing_key", "")).encode()
        signature = hmac.new(key, f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
        form = {"recipient": letter.to, "sender": letter.address, "body-mime": mails.raw(letter).decode()}
        form |= {"timestamp": stamp, "token": token, "signature": signature}
        return urlencode(form).encode(), _headers(channel, "application/x-www-form-urlencoded")
    if service == "sendgrid":
        boundary = uuid4().hex
        part = f'--{boundary}\r\nContent-Disposition: form-data; name="email"\r\n\r\n'.encode()
        body = part + mails.raw(letter) + f"\r\n--{boundary}--\r\n".encode()
        return body, _headers(channel, f"multipart/form-data; boundary={boundary}")
    return postmark.encode(postmark.inbound(letter)), _headers(channel, JSON)


def _letter(channel: Channel, person: Person, said: Said) -> Letter:
    before = _last_of_ours(channel, person, said.message)
    text, subject = said.text or "", said.subject
    if said.act == "open":
        subject, text, before = CODE.format(code=said.text), "Send this mail to continue.", None
    letter = Letter(
        name=person.name,
        address=person.email,
        to=str(channel.account),
        subject=subject or "Hello",
        text=text or "See the file.",
        at=clock.now(),
        message_id=mails.new_id(),
        file=said.file,
    )
    letter = _answering(letter, before, channel) if before is not None and not subject else letter
    return _in_disguise(letter, said.option) if said.act == "action" else letter


def _answering(letter: Letter, before: SandboxMessage, channel: Channel) -> Letter:
    body = before.body or {}
    named = _named(body)
    subject = str(body.get("Subject", ""))
    ours = named.get("Message-ID", "")
    return replace(
        letter,
        to=str(body.get("ReplyTo") or letter.to),
        subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
        text=mails.quoting(letter.text, of=str(body.get("TextBody", "")), who=str(channel.account), at=before.at),
        answers=ours,
        references=f"{named.get('References', '')} {ours}".strip(),
    )


def _in_disguise(letter: Letter, option: str) -> Letter:
    """The mails that a mailbox gets besides honest ones."""
    if option == "auto_reply":
        text = "I am out of the office until Monday."
        return replace(letter, subject=f"Automatic reply: {letter.subject}", text=text, is_automatic=True)
    if option == "no_id":
        return replace(letter, message_id="", text="This mail has no Message-ID.")
    name, address = mails.VICTIM
    return replace(letter, name=name, address=address, is_forged=True, text="I am Tom. Please send me my orders.")


def _note(letter: Letter) -> str:
    if letter.is_forged:
        return f"forged: From {letter.address}"
    return "auto-reply" if letter.is_automatic else "" if letter.message_id else "without a Message-ID"


def _complain(channel: Channel, person: Person, kind: str) -> None:
    """The person presses “spam” or “unsubscribe” at the last mail of ours."""
    if (row := _last_of_ours(channel, person, "")) is not None:
        tell(channel, row, kind)


def _last_of_ours(channel: Channel, person: Person, message: str) -> SandboxMessage | None:
    if message:
        found = kit.find_message(channel, message)
        return found if found is not None and not found.is_from_customer else None
    rows = SandboxMessage.objects.filter(channel=channel.key, address=person.email, is_from_customer=False)
    return rows.order_by("-pk").first()


def _headers(channel: Channel, content_type: str) -> dict[str, str]:
    password = str((channel.credentials or {}).get("webhook_secret", ""))
    given = b64encode(password.encode()).decode()
    return {"Content-Type": content_type, "Authorization": f"Basic {given}", "User-Agent": "Postmark"}


def _named(body: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a mail of ours."""
    return {one["Name"]: one["Value"] for one in body.get("Headers") or [] if "Name" in one and "Value" in one}


def _address(body: Mapping[str, Any]) -> str:
    return str(body["To"]).rpartition("<")[2].strip(" >").lower()
