"""What raw message is in a stored event? The sender's own MIME where the service gives it, else one put together.

Raw MIME is read by imap-tools (it reads what others refuse); anymail only rebuilds what a service took apart.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Callable, Mapping
from email.encoders import encode_base64
from email.message import EmailMessage, Message
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.email import esps, posted
from channels_app.adapters.email.stored import Stored

LOOSE = {
    "From": ("from", "sender", "from_email", "fromname"),
    "To": ("to", "recipient"),
    "Subject": ("subject",),
    "Message-ID": ("message-id", "message_id", "messageid"),
    "In-Reply-To": ("in-reply-to", "inreplyto"),
    "Date": ("date", "sentatdate"),
}
TEXTS = ("text", "textbody", "text-part", "body-plain", "rawtextbody", "body")
HTMLS = ("html", "htmlbody", "html-part", "body-html", "rawhtmlbody")


def raw(one: Stored) -> bytes | None:
    """The message as bytes; None when nothing in the event can be read as one. Never raises, never calls anybody."""
    return read(one)[0]


def read(one: Stored) -> tuple[bytes | None, bool]:
    """(the message, whether it is as it came): of one that was taken apart, nobody knows who wrote which header."""
    if one.what == "mime":
        return one.body, True
    if one.what not in ("inbound", "other"):
        return None, False
    data: Any = one.json()
    fields: Mapping[str, Any] = data if isinstance(data, dict) else {}
    if data is None:
        fields = posted.form(one.body, one.content_type)[0].dict()
    if own := _own(one.esp, data, fields):
        return own, True
    return _rebuilt(one, data) or _loose(fields), False


def _own(esp: str, data: Any, fields: Mapping[str, Any]) -> bytes | None:
    """The MIME that the service hands over as it came."""
    found = OWN[esp](data) if esp in OWN and data is not None else fields.get("body-mime") or fields.get("email")
    if isinstance(found, bytes):
        return found
    is_mime = isinstance(found, str) and "\n" in found and ":" in found.partition("\n")[0]
    return str(found).encode("utf-8", "surrogateescape") if is_mime else None


def _first(data: Any) -> Mapping[str, Any]:
    return next(iter(base.items(data)), base.NOTHING)


def _sparkpost(data: Any) -> str | bytes:
    content = base.mapping(base.mapping(base.mapping(_first(data).get("msys")).get("relay_message")).get("content"))
    said = base.text(content, "email_rfc822")
    return _unpacked(said) if content.get("email_rfc822_is_base64") else said


def _postal(data: Any) -> str | bytes:
    said = base.text(base.mapping(data), "message")
    return _unpacked(said) if base.mapping(data).get("base64") is True else said


def _unpacked(said: str) -> bytes:
    try:
        return b64decode(said)
    except (BadBase64, ValueError):
        return b""


OWN: Mapping[str, Callable[[Any], str | bytes]] = {
    "postmark": lambda data: base.text(base.mapping(data), "RawEmail"),
    "mailersend": lambda data: base.text(base.mapping(base.mapping(data).get("data")), "raw"),
    "mandrill": lambda data: base.text(base.mapping(_first(data).get("msg")), "raw_msg"),
    "sparkpost": _sparkpost,
    "postal": _postal,
}


def _rebuilt(one: Stored, data: Any) -> bytes | None:
    """Anymail's reading of fields; whatever it stumbles over is read loosely afterwards."""
    esp = esps.ESPS.get(one.esp)
    if esp is None or one.what != "inbound" or esp.refusal:
        return None
    body = base.dumps(_without_network(esp.name, data)).encode() if data is not None else one.body
    secrets = dict.fromkeys(esps.proofs(esp, is_inbound=True), "-")
    try:
        view = esps.view(esp, is_inbound=True, secrets=secrets)
        (event,) = view.parse_events(posted.request(body, one.content_type))
        # Unfolded: long ids without a blank would be written as encoded words.
        return _armoured(event.message).as_bytes(policy=event.message.policy.clone(max_line_length=None))
    except Exception:  # noqa: BLE001 -- a library meets a stranger's mail; what it cannot read is read loosely
        return None


def _armoured(message: Message) -> Message:
    """Files that came as they are, as base64: written plainly, their line ends would be changed."""
    for part in message.walk():
        if not part.is_multipart() and "Content-Transfer-Encoding" not in part:
            encode_base64(part)
    return message


def _without_network(esp: str, data: Any) -> Any:
    """Brevo's attachments would be downloaded at once: they are named by `attachments.of_brevo` instead."""
    if esp != "brevo":
        return data
    items = base.items(base.mapping(data).get("items"))
    return {"items": [{name: value for name, value in one.items() if name != "Attachments"} for one in items]}


def _loose(fields: Mapping[str, Any]) -> bytes | None:
    """A message from whatever names are common to mails; None if there is neither a sender nor a word."""
    flat = {str(name).lower(): value for name, value in fields.items() if isinstance(value, str)}
    sender = base.mapping(fields.get("FromFull")) or base.mapping(fields.get("From"))
    if address := base.text(sender, "Email") or base.text(sender, "Address"):
        flat["from"] = address
    text = next((flat[name] for name in TEXTS if flat.get(name)), "")
    html = next((flat[name] for name in HTMLS if flat.get(name)), "")
    if not (text or html):
        return None
    lines = [_header(name, flat, names) for name, names in LOOSE.items()]
    made = EmailMessage()
    made.set_content(_speakable(html or text), subtype="html" if html and not text else "plain")
    if text:
        made.set_content(_speakable(text))
    return "".join(lines).encode("utf-8", "replace") + bytes(made)


def _header(name: str, flat: Mapping[str, str], names: tuple[str, ...]) -> str:
    value = next((flat[one] for one in names if flat.get(one)), "")
    return f"{name}: {' '.join(value.split())[:998]}\n" if value else ""


def _speakable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
