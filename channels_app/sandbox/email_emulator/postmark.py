"""What does Postmark post, and in which words does it refuse? Pure builders of its own JSON."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

from channels_app.sandbox.email_emulator.mails import Letter, headers, raw
from channels_app.sandbox.kit import Answer

TOKEN_HEADER = "X-Postmark-Server-Token"
INACTIVE, INVALID, UNVERIFIED = "406", "300", "401-sender"
BOUNCE, SOFT, SPAM, UNSUBSCRIBE = "bounce", "soft", "spam", "unsubscribe"
ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def refused(code: int, message: str, status: int = 422) -> Answer:
    """Postmark's error object."""
    return Answer(status, {"ErrorCode": code, "Message": message})


STRANGER = refused(10, "Request does not contain a valid Server token.", 401)


def refusal(body: Any, failure: str) -> Answer | None:
    """Why it does not take this mail, None when it does."""
    if not isinstance(body, dict):
        return refused(402, "Invalid JSON")
    to = parseaddr(str(body.get("To", "")))[1]
    if not ADDRESS.match(to) or failure == INVALID:
        return refused(300, f"Invalid 'To' address: '{to}'.")
    if not (body.get("TextBody") or body.get("HtmlBody")):
        return refused(300, "Provide either email TextBody or HtmlBody or both.")
    if failure == INACTIVE:
        words = "You tried to send to a recipient that has been marked as inactive.\n"
        words += f"Found inactive addresses: {to}.\nInactive recipients are ones that have generated a hard bounce, "
        return refused(406, words + "a spam complaint, or a manual suppression.")
    if failure == UNVERIFIED:
        return refused(400, "The 'From' address you supplied is not a Sender Signature on your account.")
    if failure == "429":
        return Answer(429, {"ErrorCode": 429, "Message": "Rate limit exceeded."}, {"Retry-After": "2"})
    if failure == "500":
        return Answer(500, {"ErrorCode": 500, "Message": "Internal server error."})
    return None


def accepted(body: Mapping[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
    """The 200's body."""
    return {"To": body["To"], "SubmittedAt": stamp(at), "MessageID": message_id, "ErrorCode": 0, "Message": "OK"}


def inbound(letter: Letter) -> dict[str, Any]:
    """A customer's mail, taken apart."""
    local = letter.to.partition("@")[0]
    files = []
    if letter.file is not None:
        content = b64encode(letter.file.content).decode()
        kind = {"ContentType": letter.file.media_type, "ContentLength": len(letter.file.content)}
        files.append({"Name": letter.file.name, "Content": content, **kind, "ContentID": ""})
    to = {"Email": letter.to, "Name": "", "MailboxHash": local.partition("+")[2]}
    return {
        "FromName": letter.name,
        "MessageStream": "inbound",
        "From": letter.address,
        "FromFull": {"Email": letter.address, "Name": letter.name, "MailboxHash": ""},
        "To": letter.to,
        "ToFull": [to],
        "Cc": "",
        "CcFull": [],
        "Bcc": "",
        "BccFull": [],
        "OriginalRecipient": letter.to,
        "Subject": letter.subject,
        "MessageID": str(uuid4()),
        "ReplyTo": "",
        "MailboxHash": to["MailboxHash"],
        "Date": letter.at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        "TextBody": letter.text,
        "RawEmail": raw(letter).decode(),  # as with its setting “include raw email content”
        "HtmlBody": "",
        "StrippedTextReply": "",
        "Tag": "",
        "Headers": [{"Name": name, "Value": value} for name, value in headers(letter)],
        "Attachments": files,
    }


def event(kind: str, body: Mapping[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
    """What Postmark tells about a mail of ours: `delivered`, `read`, or one of the failures that come afterwards."""
    to = parseaddr(str(body.get("To", "")))[1]
    common = {"MessageID": message_id, "Metadata": body.get("Metadata") or {}, "MessageStream": "outbound", "Tag": ""}
    if kind == "delivered":
        details = {"Details": "smtp;250 2.0.0 OK", "DeliveredAt": stamp(at)}
        return {"RecordType": "Delivery", "Recipient": to, **details, **common}
    if kind == "read":
        return {"RecordType": "Open", "FirstOpen": True, "Recipient": to, "ReceivedAt": stamp(at), **common}
    if kind == UNSUBSCRIBE:
        why = {"Origin": "Recipient", "SuppressSending": True, "SuppressionReason": "ManualSuppression"}
        return {"RecordType": "SubscriptionChange", "Recipient": to, "ChangedAt": stamp(at), **why, **common}
    number = int.from_bytes(uuid4().bytes[:5])
    if kind == SPAM:
        said = {"Type": "SpamComplaint", "TypeCode": 512, "Name": "Spam complaint"}
        return {"RecordType": "SpamComplaint", "ID": number, "Email": to, "BouncedAt": stamp(at), **said, **common}
    said = {
        BOUNCE: {"Type": "HardBounce", "TypeCode": 1, "Details": f"smtp;550 5.1.1 <{to}> user unknown"},
        SOFT: {"Type": "Transient", "TypeCode": 2, "Details": "smtp;451 4.3.2 please try again later"},
    }[kind]
    return {
        "RecordType": "Bounce",
        "ID": number,
        "Email": to,
        "BouncedAt": stamp(at),
        "Inactive": False,
        **said,
        **common,
    }


def encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
