"""Did a machine write this mail, or does it report that one of ours did not arrive? Such mails are never answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from channels_app.adapters.base import DeliveryError
from channels_app.adapters.email.letters import Letter

PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
MARKS = (
    "X-Auto-Response-Suppress",
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply-From",
    "X-Mailing-List",
    "Feedback-ID",
)
LISTS = ("List-Id", "List-Post", "List-Unsubscribe", "List-Help", "List-Subscribe", "List-Owner")
ROBOTS = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|autoreply)(?:[+-][^@]*)?@", re.IGNORECASE
)
HEADER_MAX = 64 * 1024  # characters of a report's header that are looked at
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


def is_automatic(letter: Letter) -> bool:
    """Auto-replies, lists, bulk and robots, by RFC 3834 and by what programs wrote before it."""
    submitted = letter.header("Auto-Submitted").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if letter.header("Precedence").strip().lower() in PRECEDENCE:
        return True
    if any(letter.raw_headers(name) for name in (*MARKS, *LISTS)):
        return True
    if any(path.strip() == "<>" for path in letter.raw_headers("Return-Path")):
        return True
    return is_report(letter) or bool(ROBOTS.match(letter.sender[1]))


def is_report(letter: Letter) -> bool:
    """A delivery status notification (RFC 3464) or a complaint (RFC 5965)."""
    return letter.mime.get_content_type() == "multipart/report"


@dataclass(frozen=True, slots=True)
class Report:
    """What a status notification says: the first recipient's fate, and the ids of the mail that it is about."""

    action: str
    status: str
    words: str
    ids: tuple[str, ...]
    recipient: str = ""
    is_complaint: bool = False


def report(letter: Letter) -> Report | None:
    """The notification in a mail; None if it is none, or an incomplete one."""
    if not is_report(letter):
        return None
    fields: Mapping[str, str] = {}
    ids: list[str] = []
    is_complaint = False
    for part in letter.mime.walk():
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/feedback-report"):
            fields = {**_fields(part), **fields}
            is_complaint = is_complaint or kind == "message/feedback-report"
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            ids += _ids(part)
    if not fields and not ids:
        return None
    said = fields.get("diagnostic-code", "")
    status = fields.get("status", "").split(" ")[0] or _status(said)
    to = fields.get("final-recipient") or fields.get("original-rcpt-to") or ""
    recipient = to.rpartition(";")[2].strip().strip("<>").lower()
    return Report(fields.get("action", "").lower(), status, said[:300], tuple(ids), recipient, is_complaint)


def of_status(status: str, words: str) -> DeliveryError:
    """What a bounce's enhanced status means: 4.x.x is not the end; 5.6 and 5.7 are about the mail, not the address."""
    found = STATUS.search(status) or STATUS.search(words)
    kind, subject = (found.group(1), found.group(2)) if found else ("5", "1")
    reason = "provider_down" if kind == "4" else "rejected" if subject in ("6", "7") else "unreachable"
    return DeliveryError(reason, provider_code=(found.group(0) if found else "")[:40], provider_text=words)


def _fields(part: Message) -> dict[str, str]:
    """The blocks of the notification as one: the recipient's block says more than the message's."""
    found: dict[str, str] = {}
    inner = part.get_payload()
    blocks = inner if isinstance(inner, list) else [HeaderParser().parsestr(str(inner)[:HEADER_MAX])]
    for block in blocks:
        if isinstance(block, Message):
            found |= {name.lower(): " ".join(str(value).split()) for name, value in block.items()}
    return found


def _ids(part: Message) -> list[str]:
    inner = part.get_payload()
    mail = inner[0] if isinstance(inner, list) and inner else HeaderParser().parsestr(str(inner)[:HEADER_MAX])
    return str(mail.get("Message-ID", "")).split() if isinstance(mail, Message) else []


def _status(words: str) -> str:
    found = STATUS.search(words)
    return found.group(0) if found else ""
