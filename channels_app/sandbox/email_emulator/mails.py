"""What would a customer's mail program write? Raw mails with the headers that their receiving server adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from uuid import uuid4

from channels_app.sandbox.shapes import Upload

SERVER = "mx.sandbox.example"  # the receiving server, by its name in Authentication-Results
VICTIM = ("Tom Berger", "tom@example.com")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is posted."""

    name: str
    address: str
    to: str
    subject: str
    text: str
    at: datetime
    message_id: str = ""
    answers: str = ""  # the Message-ID of the mail it answers
    references: str = ""
    file: Upload | None = None
    is_forged: bool = False
    is_automatic: bool = False


def new_id(domain: str = "mail.example.com") -> str:
    """A Message-ID as mail programs make them."""
    return f"<{uuid4().hex}@{domain}>"


def headers(letter: Letter) -> list[tuple[str, str]]:
    """Everything but sender, recipient, subject and date."""
    domain = letter.address.rpartition("@")[2]
    verdict = "fail" if letter.is_forged else "pass"
    said = f"{SERVER}; spf={verdict} smtp.mailfrom={domain}; dmarc={verdict} (p=REJECT) header.from={domain}"
    named = [("Return-Path", "<>" if letter.is_automatic else f"<{letter.address}>"), ("Authentication-Results", said)]
    optional = (
        ("Message-ID", letter.message_id),
        ("In-Reply-To", letter.answers),
        ("References", letter.references or letter.answers),
        ("Auto-Submitted", "auto-replied" if letter.is_automatic else ""),
    )
    return named + [(name, value) for name, value in optional if value]


def raw(letter: Letter) -> bytes:
    """The mail as the receiving server has it."""
    mail = EmailMessage()
    for name, value in headers(letter):
        mail[name] = value
    mail["From"] = formataddr((letter.name, letter.address))
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.at)
    mail.set_content(letter.text)
    if letter.file is not None:
        main, _, sub = letter.file.media_type.partition("/")
        mail.add_attachment(
            letter.file.content, maintype=main, subtype=sub or "octet-stream", filename=letter.file.name
        )
    return mail.as_bytes()


def quoting(text: str, *, of: str, who: str, at: datetime) -> str:
    """The answer above the mail it answers, as most programs write it."""
    quoted = "\n".join(f"> {line}".rstrip() for line in of.splitlines())
    return f"{text}\n\nOn {at:%a, %b %d, %Y at %H:%M} {who} wrote:\n{quoted}\n" if of else text
