"""What does a person do on Messenger or Instagram, in Meta's words?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Said
from channels_app.sandbox.messenger_emulator import letters, payloads
from channels_app.sandbox.messenger_emulator.api import BOX
from channels_app.sandbox.models import SandboxFile, SandboxMessage

KINDS = ("image", "audio", "video")
ACTIONS: Mapping[str, str] = {
    "start": "Press “Get started”",
    "heart": "Send a heart",
    "burst": "Send three messages at once",
    "staff": "Staff answers from Meta's inbox",
    "box": "Tick a box on the site (opt-in without an id)",
    "mention": "Mention the account in a story",
}


def do(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    """The act, stored and posted; the message that it made, None if it made none."""
    if said.act in ("file", "voice"):
        return _file(channel, person, said)
    return _ACTS.get(said.act, _text)(channel, person, said)


def _text(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    replied = {"reply_to": {"mid": said.message}} if said.message else {}
    return letters.say(channel, person, {"text": said.text[:2000], **replied})


def _tap(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    return letters.say(channel, person, {"text": said.title, "quick_reply": {"payload": said.option}})


def _file(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    if said.file is None:
        return None
    kept = kit.keep_file(channel, said.file)
    found = kept.media_type.partition("/")[0]
    shown = payloads.attachment(found if found in KINDS else "file", url=_link(channel, kept))
    words = {"text": said.text} if said.text else {}
    return letters.say(channel, person, {**words, "attachments": [shown]}, [str(kept.public_id)])


def _link(channel: Channel, kept: SandboxFile) -> str:
    """Where Meta's file host would have it: a link that needs no token."""
    root = str(channel.config.get("base_url", "")).partition("/sandbox/")[0]
    return f"{root}{kit.file_url(kept)}"


def _location(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    point = payloads.attachment("location", coordinates={"lat": said.latitude, "long": said.longitude})
    return letters.say(channel, person, {"attachments": [{"title": said.title, **point}]})


def _reaction(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    if row := kit.find_message(channel, said.message):
        before = str((row.body or {}).get("reaction", ""))
        kit.amend(row, reaction=said.emoji)
        letters.tell(channel, person, reaction=payloads.reaction(said.message, said.emoji, before))
    return None


def _edit(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    if row := kit.find_message(channel, said.message):
        count = int((row.body or {}).get("edits", 0)) + 1
        kit.amend(row, text=said.text, edits=count)
        letters.tell(channel, person, message_edit={"mid": said.message, "text": said.text, "num_edit": count})
    return None


def _removal(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    if row := kit.find_message(channel, said.message):
        kit.amend(row, is_removed=True, text="")
        letters.tell(channel, person, message={"mid": said.message, "is_deleted": True})
    return None


def _open(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    """A link with a reference: who never wrote has to press `Get started` first."""
    if kit.last_inbound_at(channel, person) is None:
        return letters.press(channel, person, "Get started", "GET_STARTED", said.text)
    letters.tell(channel, person, referral=payloads.referral(said.text))
    return None


def _action(channel: Channel, person: str, said: Said) -> SandboxMessage | None:
    return _ACTIONS[said.option](channel, person)


def _start(channel: Channel, person: str) -> SandboxMessage | None:
    return letters.press(channel, person, "Get started", "GET_STARTED")


def _heart(channel: Channel, person: str) -> SandboxMessage | None:
    return letters.say(channel, person, {"attachments": [payloads.attachment("like_heart")]})


def _burst(channel: Channel, person: str) -> SandboxMessage | None:
    letters.burst(channel, person, ["One thing", "and another", "and a third"])
    return None


def _staff(channel: Channel, person: str) -> SandboxMessage | None:
    return letters.answer_from_inbox(channel, person, "Hello, this is Ann from the shop.")


def _box(channel: Channel, person: str) -> SandboxMessage | None:
    """Meta tells no id before the person writes: only the reference that the site gave to the box."""
    reference = f"box-{kit.number(channel, 'boxes')}"
    kit.remember(channel, f"{BOX}{reference}", person)
    kit.remember(channel, f"{letters.TICKED}{person}", reference)
    letters.tell(channel, f"user_ref:{reference}", optin={"ref": "newsletter", "user_ref": reference})
    return None


def _mention(channel: Channel, person: str) -> SandboxMessage | None:
    link = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1"
    return letters.say(channel, person, {"attachments": [payloads.attachment("story_mention", url=link)]})


Act = Callable[[Channel, str, Said], SandboxMessage | None]
_ACTS: dict[str, Act] = {
    "tap": _tap, "location": _location, "reaction": _reaction, "edit": _edit, "removal": _removal, "open": _open,
    "action": _action,
}  # fmt: skip
_ACTIONS: dict[str, Callable[[Channel, str], SandboxMessage | None]] = {
    "start": _start, "heart": _heart, "burst": _burst, "staff": _staff, "box": _box, "mention": _mention,
}  # fmt: skip
