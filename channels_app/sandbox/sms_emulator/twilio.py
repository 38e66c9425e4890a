"""What would Twilio say to this request, and what would it post to us? Pure: forms in, answers and forms out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from common import segments

BODY_MAX, MEDIA_MAX = 1600, 10
NUMBER = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}|whatsapp:[A-Z]{2}\.[0-9A-Za-z]{1,128}")
STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START = frozenset({"START", "YES", "UNSTOP"})
ANSWERS = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages from this number.",
    "START": "You have successfully been re-subscribed to messages from this number.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
WORDS = {
    20003: "Authenticate", 20404: "The requested resource was not found", 20429: "Too Many Requests",
    20500: "Internal Server Error", 21211: "Invalid 'To' Phone Number", 21602: "Message body is required.",
    21603: "A 'From' phone number is required.", 21604: "A 'To' phone number is required.",
    21606: "The 'From' phone number is not a valid, message-capable number for this account.",
    21609: "The 'StatusCallback' URL is not a valid URL.", 21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit.",
    21620: "Invalid media URL(s)", 21623: "Number of media files exceeds allowed limit.",
    30003: "Unreachable destination handset", 30007: "Message filtered",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as Twilio words it."""

    code: int
    status: int = 400

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": WORDS[self.code], "more_info": more, "status": self.status}


UNKNOWN = Refusal(20404, 404)
STRANGER = Refusal(20003, 401)
INSTEAD = {"429": Refusal(20429, 429), "500": Refusal(20500, 500), "21610": Refusal(21610), "21211": Refusal(21211)}
AFTER_201 = ("30003", "30007")


def check_send(form: Mapping[str, list[str]], ours: str) -> Refusal | None:
    """Whether Twilio would take this form; `ours` is the number or messaging service that may send."""
    recipient, body, media = _first(form, "To"), _first(form, "Body"), form.get("MediaUrl", [])
    sender = _first(form, "MessagingServiceSid") or _first(form, "From")
    checks = (
        (not recipient, 21604),
        (not NUMBER.fullmatch(recipient), 21211),
        (not sender, 21603),
        (sender != ours, 21606),
        (not body and not media, 21602),
        (len(body) > BODY_MAX, 21617),
        (len(media) > MEDIA_MAX, 21623),
        (any(not url.startswith(("http://", "https://")) for url in media), 21620),
        (not _is_url(_first(form, "StatusCallback")), 21609),
    )
    return next((Refusal(code) for is_wrong, code in checks if is_wrong), None)


def resource(*, sid: str, account: str, form: Mapping[str, list[str]], status: str, at: datetime) -> dict[str, Any]:
    """A message as the API shows it."""
    body, when, path = _first(form, "Body"), format_datetime(at), f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    return {
        "sid": sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": body,
        "num_segments": str(segments.of(body).count),
        "num_media": str(len(form.get("MediaUrl", []))),
        "direction": "outbound-api",
        "from": _first(form, "From") or None,
        "messaging_service_sid": _first(form, "MessagingServiceSid") or None,
        "to": _first(form, "To"),
        "status": status,
        "error_code": None,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "date_created": when,
        "date_updated": when,
        "date_sent": None,
        "uri": f"{path}.json",
        "subresource_uris": {"media": f"{path}/Media.json"},
    }


def new_sid(prefix: str = "SM") -> str:
    """An id in Twilio's shape."""
    return prefix + secrets.token_hex(16)


def keyword(text: str) -> str:
    """STOP, START, HELP or '': what Twilio does by itself with this word."""
    word = text.strip().upper()
    return "STOP" if word in STOP else "START" if word in START else "HELP" if word in ("HELP", "INFO") else ""


def sign(secret: str, url: str, form: Mapping[str, str], algorithm: str = "HMAC_SHA1") -> str:
    """`X-Twilio-Signature` of a form."""
    joined = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(secret.encode(), joined.encode(), {"HMAC_SHA1": "sha1"}.get(algorithm, "sha256")).digest()
    return base64.b64encode(digest).decode()


def body_hash(raw: bytes) -> str:
    """`bodySHA256` of a JSON body."""
    return hashlib.sha256(raw).hexdigest()


def _first(form: Mapping[str, list[str]], name: str) -> str:
    return next(iter(form.get(name, [])), "")


def _is_url(url: str) -> bool:
    return not url or url.startswith(("http://", "https://"))
