"""What does the pretended Twilio keep and post? Messages of both directions, and a callback for each state."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.sms_emulator import twilio
from common import clock, segments

RUNG = 0.12  # seconds between two callbacks of one message
AGENT = "TwilioProxy/1.1"
SHARED_KEY = "webhooks_sharedkey_demo"
SIGNS_SHARED, ENCODES = "signs_with_shared_key", "encodes_bodies"  # facts that a person on the page may switch


def take(channel: Channel, form: Mapping[str, list[str]], failure: str) -> SandboxMessage:
    """Throughline sends: it shows on the phone, and callbacks follow."""
    sid, to, body = twilio.new_sid(), form["To"][0], next(iter(form.get("Body", [])), "")
    account = str(channel.config.get("account_sid", ""))
    shown = twilio.resource(sid=sid, account=account, form=form, status="queued", at=clock.now())
    callback = next(iter(form.get("StatusCallback", [])), "")
    row = kit.store(
        channel=channel,
        address=to,
        external_id=sid,
        body={"text": body, "links": form.get("MediaUrl", []), "resource": shown},
        is_from_customer=False,
        state="accepted",
        callback=callback,
    )
    if failure in twilio.AFTER_201:
        kit.amend(row, state="failed")
        error = {"ErrorCode": failure, "ErrorMessage": twilio.WORDS[int(failure)]}
        _report(channel, row, "undelivered", 0.02, error)
        return row
    for place, state in enumerate(kit.climb(row, ["sent", "delivered"])):
        _report(channel, row, state, 0.02 + RUNG * place)
    return row


def write(channel: Channel, address: str, text: str, media: Mapping[str, str], files: list[str]) -> SandboxMessage:
    """A person writes: stored, and on its way; `media` are Twilio's fields of the files, `files` their ids here."""
    sid = twilio.new_sid("MM" if media else "SM")
    row = kit.store(
        channel=channel, address=address, external_id=sid, body={"text": text, "files": files}, is_from_customer=True
    )
    word = twilio.keyword(text)
    body = text
    if kit.recall(channel, ENCODES, False):
        body = base64.b64encode(text.encode()).decode()
    form = _inbound(channel, address, sid, body, len(files))
    form |= {"OptOutType": word} if word else {}
    form |= {name: value.replace("{sid}", sid) for name, value in media.items()}
    _post(channel, form, url=kit.webhook_url(channel), message=row)
    if word:
        _answer(channel, address, word)
    return row


def _inbound(channel: Channel, address: str, sid: str, body: str, files: int) -> dict[str, str]:
    return {
        "ToCountry": "US",
        "SmsMessageSid": sid,
        "NumMedia": str(files),
        "SmsSid": sid,
        "SmsStatus": "received",
        "Body": body,
        "FromCountry": "SE",
        "To": str(channel.config.get("number") or channel.account),
        "NumSegments": str(segments.of(body).count),
        "MessageSid": sid,
        "AccountSid": str(channel.config.get("account_sid", "")),
        "From": address,
        "ApiVersion": "2010-04-01",
    }


def _answer(channel: Channel, address: str, word: str) -> None:
    """What Twilio says by itself to STOP, START and HELP; after STOP nothing of ours goes through."""
    if word in ("STOP", "START"):
        kit.remember(channel, f"stopped:{address}", word == "STOP")
    body = {"text": twilio.ANSWERS[word]}
    kit.store(
        channel=channel,
        address=address,
        external_id=twilio.new_sid(),
        body=body,
        is_from_customer=False,
        state="delivered",
    )


def _report(
    channel: Channel, row: SandboxMessage, status: str, after: float, error: Mapping[str, str] | None = None
) -> None:
    """One status callback, to the address that came with the message."""
    if not row.callback:
        return
    shown: Mapping[str, Any] = (row.body or {}).get("resource", {})
    form = {
        "ApiVersion": "2010-04-01",
        "AccountSid": str(shown.get("account_sid", "")),
        "From": str(shown.get("from") or channel.config.get("number") or channel.account),
        "To": row.address,
        "MessageSid": row.external_id,
        "MessageStatus": status,
        "SmsSid": row.external_id,
        "SmsStatus": status,
        **(error or {}),
    }
    if service := shown.get("messaging_service_sid"):
        form["MessagingServiceSid"] = str(service)
    _post(channel, form, url=row.callback, after=after)


def _post(
    channel: Channel, form: Mapping[str, str], *, url: str, message: SandboxMessage | None = None, after: float = 0.0
) -> None:
    credentials = channel.credentials or {}
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": AGENT}
    secret, algorithm = str(credentials.get("auth_token", "")), "HMAC_SHA1"
    if kit.recall(channel, SIGNS_SHARED, False):
        secret, algorithm = str(credentials.get("shared_key", "")), "HMAC_SHA256"
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key={SHARED_KEY},algorithm={algorithm}"
    headers["X-Twilio-Signature"] = twilio.sign(secret, url, form, algorithm)
    # Twilio does not try again by default.
    kit.post(
        channel=channel,
        body=urlencode(form).encode(),
        headers=headers,
        message=message,
        after=after,
        url=url,
        again=lambda tries, told: None,
    )
