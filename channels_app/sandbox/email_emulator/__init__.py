"""How does the pretended e-mail service fit in? Postmark's API below /sandbox/email/, mailboxes as frames."""

from __future__ import annotations

import json
from typing import Literal

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit
from channels_app.sandbox.email_emulator import api, letters, mails, postmark
from channels_app.sandbox.emulators import Bubble, ChannelSeed, Said, Shown
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person

ADDRESS = "support@nordic-chairs.example"


class EmailEmulator(emulators.Plain):
    """Postmark, and the mail programs of the people."""

    kind = "email"
    title = "E-mail"
    about = ADDRESS
    hint = "Write a mail to begin. It leaves as Postmark's inbound webhook, with the password of its URL."
    abilities = frozenset({"text", "subject", "file", "open", "action"})
    actions = {
        "auto_reply": "Out-of-office reply",
        "no_id": "Mail without a Message-ID",
        "forged": "Mail with Tom's address forged",
        postmark.SPAM: "Report our last mail as spam",
        postmark.UNSUBSCRIBE: "Unsubscribe",
    }
    failures = {
        **emulators.FAILURES,
        postmark.BOUNCE: "550 bounces (after a 200)",
        postmark.SOFT: "451 deferred, then delivered (after a 200)",
        postmark.INACTIVE: "406 inactive recipient",
        postmark.INVALID: "300 invalid address",
        postmark.UNVERIFIED: "400 sender not confirmed",
        postmark.SPAM: "accepted, then reported as spam",
    }
    receipts = ("none", "delivered", "read")
    urls = api.urls

    def address(self, person: Person) -> str:
        return person.email

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        return letters.write(channel, person, said)

    def bubble(self, row: SandboxMessage) -> Bubble:
        body = row.body or {}
        channel = Channel.objects.filter(key=row.channel).first()
        kept = [kit.file(channel, name) for name in body.get("files") or []] if channel else []
        media = [Shown(_kind(one.media_type), kit.file_url(one), one.name, one.media_type) for one in kept if one]
        media += [Shown("file", "", str(one.get("Name", ""))) for one in body.get("Attachments") or []]
        return kit.bubble(
            row,
            text=str(body.get("TextBody", "")),
            subject=str(body.get("Subject", "")),
            note=str(body.get("note", "")),
            media=tuple(media),
        )

    def look(self, channel: Channel, person: Person) -> int:
        seen = 0
        for row in kit.unread(channel, person.email):
            if kit.climb(row, ["read"]):
                letters.tell(channel, row, "read")
                seen += 1
        return seen

    def demo(self) -> ChannelSeed:
        config = {
            "app": "demo",
            "esp": "postmark",
            "from_name": "Nordic Chairs",
            "authserv_id": mails.SERVER,
            "base_url": self.root(),
        }
        credentials = {
            "webhook_secret": f"postmark:{kit.secret('email webhook')}",
            "api_key": kit.secret("email token"),
        }
        return ChannelSeed("email-demo", "Nordic Chairs by e-mail", ADDRESS, config, credentials)

    def sketch(self, request: str) -> str:
        try:
            body = json.loads(request)
        except ValueError:
            return "mail" if "Message-ID" in request or "body-mime" in request else ""
        if not isinstance(body, dict):
            return ""
        if "RecordType" in body:
            return f"event: {body['RecordType']}"
        return "mail" if "FromFull" in body else "send" if "TextBody" in body else ""


def _kind(media_type: str) -> Literal["image", "audio", "video", "file"]:
    main = media_type.partition("/")[0]
    return main if main in ("image", "audio", "video") else "file"  # type: ignore[return-value]  # checked right here


emulator = EmailEmulator()
