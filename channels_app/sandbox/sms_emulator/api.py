"""How does the pretended Twilio answer over HTTP? `/sandbox/sms/2010-04-01/Accounts/...`, for the real adapter."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from django.http import HttpRequest
from django.urls import path

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.kit import Answer, Call
from channels_app.sandbox.models import SandboxMessage
from channels_app.sandbox.sms_emulator import letters, twilio
from common import clock

SMS_URL = "sms_url"  # fact: where messages go since somebody said so
ROOT = "2010-04-01/Accounts/<str:account>"


def find(request: HttpRequest, account: str, **_: Any) -> Channel | None:
    """The channel of an account; where several share it, the one whose number sends."""
    sender = request.POST.get("MessagingServiceSid") or request.POST.get("From")
    lookup = {"config__account_sid": account}
    return (kit.channel_by("sms", account=sender, **lookup) if sender else None) or kit.channel_by("sms", **lookup)


api = kit.api(find, Answer(404, twilio.UNKNOWN.body()))


@api
def messages(call: Call, account: str) -> Answer:
    """POST and GET /Accounts/<sid>/Messages.json."""
    if not _is_known(call):
        return _refused(twilio.STRANGER)
    if call.request.method != "POST":
        rows = SandboxMessage.objects.filter(channel=call.channel.key, is_from_customer=False).order_by("-pk")[:50]
        return Answer(200, {"messages": [_shown(row) for row in rows], "next_page_uri": None, "page": 0})
    form = {name: values for name, values in call.request.POST.lists() if isinstance(name, str)}
    failure = call.sends()
    if refusal := _refusal(call.channel, form, failure):
        return _refused(refusal)
    row = letters.take(call.channel, form, failure)
    return Answer(201, _shown(row) | {"status": "queued"})


@api
def message(call: Call, account: str, sid: str) -> Answer:
    """GET /Accounts/<sid>/Messages/<sid>.json."""
    if not _is_known(call):
        return _refused(twilio.STRANGER)
    row = kit.find_message(call.channel, sid)
    return Answer(200, _shown(row)) if row else _refused(twilio.UNKNOWN)


@api
def media(call: Call, account: str, sid: str, media: str) -> Answer:
    """GET /Accounts/<sid>/Messages/<sid>/Media/<id>: a picture that a customer sent."""
    if not _is_known(call):
        return _refused(twilio.STRANGER)
    kept = kit.file(call.channel, media)
    return Answer(200, bytes(kept.content), content_type=kept.media_type) if kept else _refused(twilio.UNKNOWN)


@api
def account(call: Call, account: str) -> Answer:
    """GET /Accounts/<sid>.json."""
    if not _is_known(call):
        return _refused(twilio.STRANGER)
    return Answer(200, {"sid": account, "status": "active", "type": "Full", "friendly_name": call.channel.title})


@api
def numbers(call: Call, account: str) -> Answer:
    """GET /Accounts/<sid>/IncomingPhoneNumbers.json."""
    if not _is_known(call):
        return _refused(twilio.STRANGER)
    asked = call.request.GET.get("PhoneNumber", call.channel.account)
    shown = [_number(call.channel)] if asked == call.channel.account else []
    return Answer(200, {"incoming_phone_numbers": shown, "next_page_uri": None, "page": 0})


@api
def number(call: Call, account: str, sid: str) -> Answer:
    """POST /Accounts/<sid>/IncomingPhoneNumbers/<id>.json: where its messages go."""
    if not _is_known(call):
        return _refused(twilio.STRANGER)
    if sid != _number(call.channel)["sid"]:
        return _refused(twilio.UNKNOWN)
    kit.remember(call.channel, SMS_URL, call.request.POST.get("SmsUrl", ""))
    return Answer(200, _number(call.channel))


urls = (
    path(f"{ROOT}/Messages.json", messages),
    path(f"{ROOT}/Messages/<str:sid>.json", message),
    path(f"{ROOT}/Messages/<str:sid>/Media/<str:media>", media),
    path(f"{ROOT}/IncomingPhoneNumbers.json", numbers),
    path(f"{ROOT}/IncomingPhoneNumbers/<str:sid>.json", number),
    path(f"{ROOT}.json", account),
)


def _number(channel: Channel) -> dict[str, Any]:
    sid = "PN" + hashlib.sha256(channel.account.encode()).hexdigest()[:32]
    return {
        "sid": sid,
        "phone_number": channel.account,
        "sms_url": kit.recall(channel, SMS_URL, ""),
        "sms_method": "POST",
    }


def _is_known(call: Call) -> bool:
    """Account and token, or an API key and its secret."""
    config, secrets = call.channel.config, call.channel.credentials or {}
    try:
        given = base64.b64decode(call.bearer("Basic"), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    pairs = (("account_sid", "auth_token"), ("api_key_sid", "api_key_secret"))
    return given in [f"{config[user]}:{secrets[key]}" for user, key in pairs if config.get(user) and secrets.get(key)]


def _refusal(channel: Channel, form: dict[str, list[str]], failure: str) -> twilio.Refusal | None:
    if found := twilio.check_send(form, channel.account):
        return found
    if failure in twilio.INSTEAD:
        return twilio.INSTEAD[failure]
    is_stopped = kit.recall(channel, f"stopped:{form['To'][0]}", False)
    return twilio.Refusal(21610) if is_stopped else None


def _shown(row: SandboxMessage) -> dict[str, Any]:
    shown: dict[str, Any] = (row.body or {}).get("resource", {})
    status = {"accepted": "queued"}.get(row.state, row.state)
    return {**shown, "status": status, "date_updated": clock.now().strftime("%a, %d %b %Y %H:%M:%S +0000")}


def _refused(refusal: twilio.Refusal) -> Answer:
    return Answer(refusal.status, refusal.body())
