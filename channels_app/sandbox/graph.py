"""What would Meta's Graph API say to this request? Pure: bodies in, answers out; no database, no clock, no network.

check_token, check_send, check_window   -> a Refusal, or None when Meta would go on
accepted, read_receipt_accepted         -> the body of a 200
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels_app.sandbox import graph_bodies
from channels_app.sandbox.graph_bodies import INVALID, MISSING, PARAMETER, Fault

WINDOW = timedelta(hours=24)
BSUID = re.compile(r"^[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$")
PHONE = re.compile(r"^\+?[0-9 ()-]{5,24}$")
CALLBACK_MAX = 512
TYPES = (
    "text",
    "interactive",
    "template",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
)

TITLES = {
    0: "AuthException",
    PARAMETER: "Invalid parameter",
    190: "Error validating access token",
    131000: "Something went wrong",
    MISSING: "Required parameter is missing",
    INVALID: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131049: "This message was not delivered to maintain healthy ecosystem engagement.",
    131050: "The user has stopped receiving marketing messages",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132012: "Parameter format does not match format in the created template",
    132015: "Template is Paused",
    132016: "Template is Disabled",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    130429: "Rate limit hit",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as Meta words it; `headers` go with the HTTP answer."""

    status: int
    code: int
    details: str = ""
    subcode: int | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {TITLES.get(self.code, 'Unknown error')}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": secrets.token_hex(8),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": error}

    def as_status_error(self) -> dict[str, Any]:
        """The same error inside a `failed` status webhook."""
        title = TITLES.get(self.code, "Unknown error")
        return {"code": self.code, "title": title, "message": title, "error_data": {"details": self.details or title}}


TOO_MANY = Refusal(
    429,
    130429,
    "Cloud API message throughput has been reached.",
    headers=(("Retry-After", "2"), ("X-Business-Use-Case-Usage", '{"0":[{"estimated_time_to_regain_access":1}]}')),
)
BROKEN = Refusal(500, 131000, "Message failed to send due to an unknown error.")
UNDELIVERABLE = Refusal(400, 131026, "Message Undeliverable.")
CAPPED = Refusal(
    400, 131049, "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."
)
OPTED_OUT = Refusal(400, 131050, "User has stopped receiving marketing messages.")
OUTSIDE_WINDOW = Refusal(
    400,
    131047,
    "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
)
UNKNOWN_OBJECT = Refusal(400, PARAMETER, "Unsupported get request. The object does not exist.", subcode=33)


def check_token(authorization: str, expected: str) -> Refusal | None:
    """401 with code 190 unless the header is `Bearer <expected>`."""
    scheme, _, token = authorization.partition(" ")
    if scheme == "Bearer" and expected and secrets.compare_digest(token.strip().encode(), expected.encode()):
        return None
    return Refusal(401, 190, "Invalid OAuth access token - Cannot parse access token")


def check_send(body: Any) -> Refusal | None:
    """Whether Meta would take this send request: 100, 131008 or 131009 with the parameter's name in the details."""
    if not isinstance(body, Mapping) or body.get("messaging_product") != "whatsapp":
        return Refusal(400, PARAMETER, "The parameter messaging_product is required.")
    if body.get("status") == "read":
        missing = not isinstance(body.get("message_id"), str)
        return Refusal(400, PARAMETER, "The parameter message_id is required.") if missing else None
    try:
        _check_address(body)
        _check_frame(body)
        graph_bodies.check(str(body.get("type", "text")), body)
    except Fault as fault:
        return Refusal(400, fault.code, fault.details)
    return None


def check_window(body: Mapping[str, Any], last_inbound_at: datetime | None, now: datetime) -> Refusal | None:
    """131047 for free-form messages later than 24 h after the customer's last message; templates always pass."""
    if body.get("type") == "template":
        return None
    is_open = last_inbound_at is not None and now < last_inbound_at + WINDOW
    return None if is_open else OUTSIDE_WINDOW


def address(body: Mapping[str, Any]) -> str:
    """Whom the message goes to: the digits of `to`, or the BSUID of `recipient`."""
    to = body.get("to")
    return re.sub(r"\D", "", str(to)) if to else str(body.get("recipient", ""))


def new_wamid(customer: str) -> str:
    """An id in the shape of Meta's: opaque base64 that holds the customer's address and random bytes."""
    raw = b"\x1c\x1b" + customer.encode() + b"\x15\x02\x00\x11\x18" + secrets.token_hex(9).upper().encode() + b"\x00"
    return "wamid." + base64.b64encode(raw).decode()


def accepted(body: Mapping[str, Any], wamid: str, user_id: str = "") -> dict[str, Any]:
    """The 200 of a send request; `user_id` is what Meta knows of a phone's owner besides."""
    given = body.get("to") or body.get("recipient")
    contact = {"input": given, "wa_id": address(body)} if body.get("to") else {"input": given, "user_id": given}
    contact |= {"user_id": user_id} if user_id else {}
    return {
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [{"id": wamid, "message_status": "accepted"}],
    }


def _check_address(body: Mapping[str, Any]) -> None:
    to, recipient = body.get("to"), body.get("recipient")
    if to and recipient:
        raise Fault(INVALID, "Only one of the parameters to and recipient may be given.")
    if not to and not recipient:
        raise Fault(PARAMETER, "The parameter to is required.")
    if to and not PHONE.match(str(to)):
        raise Fault(INVALID, "to is not a phone number.")
    if recipient and (not BSUID.match(str(recipient)) or ".ENT." in str(recipient)):
        raise Fault(INVALID, "recipient is not a business-scoped user id.")


def _check_frame(body: Mapping[str, Any]) -> None:
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        raise Fault(PARAMETER, "Param recipient_type must be one of {INDIVIDUAL, GROUP}.")
    kind = body.get("type", "text")
    if kind not in TYPES:
        raise Fault(PARAMETER, f"Param type must be one of {{{', '.join(name.upper() for name in TYPES)}}}.")
    if not isinstance(body.get(str(kind)), Mapping | list):
        raise Fault(PARAMETER, f"The parameter {kind} is required.")
    callback = body.get("biz_opaque_callback_data")
    if callback is not None and (not isinstance(callback, str) or len(callback) > CALLBACK_MAX):
        raise Fault(PARAMETER, f"Param biz_opaque_callback_data must be at most {CALLBACK_MAX} characters long.")
    context = body.get("context")
    if context is not None and not (isinstance(context, Mapping) and isinstance(context.get("message_id"), str)):
        raise Fault(PARAMETER, "The parameter context['message_id'] is required.")
