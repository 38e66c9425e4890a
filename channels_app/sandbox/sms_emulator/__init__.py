"""How does the pretended Twilio fit into the sandbox? Phones that write SMS, and the Messages API."""

from __future__ import annotations

from urllib.parse import parse_qsl

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit
from channels_app.sandbox.emulators import Bubble, ChannelSeed, Said, Shown
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.people import Person
from channels_app.sandbox.sms_emulator import api, letters
from common import segments

NUMBER, ACCOUNT_SID = "+15550783882", "AC5f0c3b7d9e1a4826b5d7c9e0f1a2b3c4"
SWITCHES = {"shared_key": letters.SIGNS_SHARED, "base64": letters.ENCODES}


class SmsEmulator(emulators.Plain):
    """SMS by Twilio."""

    kind = "sms"
    title = "SMS"
    about = "Text message"
    hint = "Write “hi” to begin. STOP, START and HELP do what Twilio does with them."
    abilities = frozenset({"text", "file", "open", "action"})
    actions = {
        "shared_key": "Sign with a shared key (SHA-256), or no longer",
        "base64": "Hand texts over as base64, or no longer",
    }
    failures = emulators.FAILURES | {
        "21610": "21610 opted out (STOP)",
        "21211": "21211 no such number",
        "30003": "30003 unreachable (after a 201)",
        "30007": "30007 filtered (after a 201)",
    }
    receipts = ("none", "delivered")
    urls = api.urls

    def address(self, person: Person) -> str:
        return f"+{person.phone}" if person.phone else ""

    def write(self, channel: Channel, person: Person, said: Said) -> SandboxMessage | None:
        if said.act == "action":
            fact = SWITCHES[said.option]
            kit.remember(channel, fact, not kit.recall(channel, fact, False))
            return None
        text = f"Hello [#{said.text}]" if said.act == "open" else said.text
        media, files = self._media(channel, said)
        return letters.write(channel, self.address(person), text, media, files)

    def bubble(self, row: SandboxMessage) -> Bubble:
        body = row.body or {}
        text = str(body.get("text", ""))
        parts = segments.of(text)
        note = f"{parts.count} segments, {parts.encoding}" if parts.count > 1 else ""
        channel = Channel.objects.filter(key=row.channel).first()
        kept = [kit.file(channel, name) for name in body.get("files", [])] if channel else []
        media = [Shown("image", kit.file_url(one), one.name, one.media_type) for one in kept if one]
        media += [Shown("image", str(link)) for link in body.get("links", [])]
        return kit.bubble(row, text=text, note=note, media=tuple(media))

    def demo(self) -> ChannelSeed:
        config = {
            "app": "demo",
            "account_sid": ACCOUNT_SID,
            "number": NUMBER,
            "base_url": self.root(),
        }
        credentials = {"auth_token": kit.secret("sms_auth_token"), "shared_key": kit.secret("sms_shared_key")}
        return ChannelSeed("sms-demo", "Nordic Chairs by SMS", NUMBER, config, credentials)

    def sketch(self, request: str) -> str:
        form = dict(parse_qsl(request))
        if "MessageStatus" in form:
            return f"status: {form['MessageStatus']}"
        return "message" if form.get("SmsStatus") == "received" else "send" if "To" in form else ""

    def _media(self, channel: Channel, said: Said) -> tuple[dict[str, str], list[str]]:
        """Twilio's fields of a picture, and its id here."""
        if said.file is None:
            return {}, []
        kept = kit.keep_file(channel, said.file)
        root = f"{channel.config.get('base_url')}/2010-04-01/Accounts/{channel.config.get('account_sid')}"
        url = f"{root}/Messages/{{sid}}/Media/{kept.public_id}"
        return {"MediaUrl0": url, "MediaContentType0": kept.media_type}, [str(kept.public_id)]


emulator = SmsEmulator()
