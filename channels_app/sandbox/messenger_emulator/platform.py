"""What would Meta's Send API say to this request? Pure and strict: only what the reference names is taken."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

WINDOW, HUMAN_AGENT = timedelta(hours=24), timedelta(days=7)
REPLIES_MAX, TITLE_MAX, PAYLOAD_MAX, METADATA_MAX = 13, 20, 1000, 1000
TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG")
TAGS = ("HUMAN_AGENT", "CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE")
ACTIONS = ("typing_on", "typing_off", "mark_seen")
ATTACHMENTS = ("image", "audio", "video", "file")
BODY = frozenset({"recipient", "messaging_type", "tag", "message", "sender_action", "notification_type"})
MESSAGE = frozenset({"text", "attachment", "quick_replies", "metadata"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between the two: the longest text, whether it is counted in bytes, and members that are refused."""

    text_max: int
    in_bytes: bool = False
    has_metadata: bool = True
    has_uploads: bool = True

    def is_too_long(self, text: str) -> bool:
        return len(text.encode() if self.in_bytes else text) > self.text_max


PAGE = Rules(2000)
INSTAGRAM = Rules(1000, in_bytes=True, has_metadata=False, has_uploads=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as Meta words it."""

    code: int
    message: str
    subcode: int | None = None
    status: int = 400

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        error: dict[str, Any] = {"message": self.message, "type": "OAuthException", "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error | {"fbtrace_id": secrets.token_hex(6)}}


STRANGER = Refusal(190, "Invalid OAuth access token - Cannot parse access token", status=401)
TOO_MANY = Refusal(613, "(#613) Calls to this api have exceeded the rate limit.", status=429)
BROKEN = Refusal(2, "An unexpected error has occurred. Please retry your request later.", status=500)
OUTSIDE_WINDOW = Refusal(10, "(#10) This message is sent outside of allowed window.", 2018278, 403)
NOBODY = Refusal(100, "(#100) No matching user found", 2018001)
GONE = Refusal(551, "(#551) This person isn't available right now.", 1545041)
INSTEAD = {"429": TOO_MANY, "500": BROKEN, "10": OUTSIDE_WINDOW, "551": GONE, "190": STRANGER}


def check_send(body: Any, rules: Rules, has_file: bool = False) -> Refusal | None:
    """Whether Meta would take this request; the file of an upload stands for the attachment's link."""
    if not isinstance(body, Mapping):
        return _wrong("The request is no JSON object")
    if stray := set(body) - BODY:
        return _wrong(f"Invalid keys {sorted(stray)} were found in the request")
    recipient = body.get("recipient")
    if not isinstance(recipient, Mapping) or len(set(recipient) & {"id", "user_ref"}) != 1:
        return _wrong("The parameter recipient is required")
    if "sender_action" in body:
        is_wrong = body["sender_action"] not in ACTIONS or "message" in body
        return _wrong("Param sender_action is not valid") if is_wrong else None
    return _check_type(body) or _check_message(body.get("message"), rules, has_file)


def check_window(body: Mapping[str, Any], last_inbound_at: datetime | None, now: datetime) -> Refusal | None:
    """24 hours after the customer's last words, seven days for people; who never wrote is not known."""
    if last_inbound_at is None:
        return NOBODY
    allowed = HUMAN_AGENT if body.get("tag") == "HUMAN_AGENT" else WINDOW
    return None if now < last_inbound_at + allowed else OUTSIDE_WINDOW


def new_mid() -> str:
    """An id in the shape of Meta's."""
    return "m_" + secrets.token_urlsafe(48)


def _check_type(body: Mapping[str, Any]) -> Refusal | None:
    kind = body.get("messaging_type")
    if kind not in TYPES:
        return _wrong("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}")
    if (kind == "MESSAGE_TAG") != ("tag" in body) or body.get("tag", TAGS[0]) not in TAGS:
        return _wrong("Param tag is not valid with this messaging_type")
    return None


def _check_message(message: Any, rules: Rules, has_file: bool) -> Refusal | None:
    if not isinstance(message, Mapping):
        return _wrong("The parameter message is required")
    stray = set(message) - (MESSAGE if rules.has_metadata else MESSAGE - {"metadata"})
    if stray:
        return _wrong(f"Invalid keys {sorted(stray)} were found in param message")
    if len(set(message) & {"text", "attachment"}) != 1:
        return _wrong("Exactly one of text and attachment is required in param message")
    metadata = message.get("metadata", "")
    if not isinstance(metadata, str) or len(metadata) > METADATA_MAX:
        return _wrong("Param message[metadata] is too long")
    if "attachment" in message:
        return _check_attachment(message["attachment"], rules, has_file)
    text = message["text"]
    if not isinstance(text, str) or not text.strip() or rules.is_too_long(text):
        return _wrong(f"Length of param message[text] must be between 1 and {rules.text_max}")
    return _check_replies(message.get("quick_replies"))


def _check_attachment(attachment: Any, rules: Rules, has_file: bool) -> Refusal | None:
    if not isinstance(attachment, Mapping) or attachment.get("type") not in ATTACHMENTS:
        return _wrong("Param message[attachment][type] is not valid")
    if attachment["type"] == "file" and not rules.has_uploads:
        return _wrong("Param message[attachment][type] is not supported for this account")
    payload = attachment.get("payload")
    url = payload.get("url") if isinstance(payload, Mapping) else None
    if has_file and not rules.has_uploads:
        return _wrong("Uploads are not supported for this account")
    if has_file == bool(url) or (url and not str(url).startswith(("http://", "https://"))):
        return _wrong("Param message[attachment][payload][url] is not valid")
    return None


def _check_replies(replies: Any) -> Refusal | None:
    if replies is None:
        return None
    if not isinstance(replies, list) or not 1 <= len(replies) <= REPLIES_MAX:
        return _wrong("Param message[quick_replies] must have 1 to 13 items")
    for reply in replies:
        if not isinstance(reply, Mapping) or reply.get("content_type") != "text":
            return _wrong("Param message[quick_replies][content_type] is not valid")
        if not 1 <= len(str(reply.get("title", ""))) <= TITLE_MAX:
            return _wrong("Length of param message[quick_replies][title] must be between 1 and 20")
        if not 1 <= len(str(reply.get("payload", ""))) <= PAYLOAD_MAX:
            return _wrong("Length of param message[quick_replies][payload] must be between 1 and 1000")
    return None


def _wrong(said: str) -> Refusal:
    return Refusal(100, f"(#100) {said}")
