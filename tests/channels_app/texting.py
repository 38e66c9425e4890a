"""How does Twilio talk to us in tests? Forms as it posts them, signed by its own SDK."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlencode

from twilio.request_validator import RequestValidator

from channels_app.registry import Account, Outgoing, Request, Sent, adapter
from conversations.content import Content
from tests.channels_app.stub import Call, stub

NUMBER, MAYA, SID, TOKEN, SHARED = "+15550783882", "+46701740635", "AC1", "twilio-auth-token", "shared-key-secret"
URL = "https://desk.example/webhooks/sms/demo"
ACCOUNT = Account(
    key="sms-test",
    account=NUMBER,
    config={"app": "demo", "account_sid": SID},
    credentials={"auth_token": TOKEN, "shared_key": SHARED},
)
SENDER = Account("wa", f"whatsapp:{NUMBER}", {**ACCOUNT.config, "portfolio_id": "portfolio-1"}, ACCOUNT.credentials)
SMS = adapter("sms")


def message(body: str = "hi", **more: str) -> dict[str, str]:
    """What Twilio posts of a message; `more` adds and replaces fields."""
    sent = {"MessageSid": "SM1", "SmsSid": "SM1", "AccountSid": SID, "SmsStatus": "received", "NumMedia": "0"}
    return sent | {"From": MAYA, "To": NUMBER, "Body": body} | more


def status(word: str, **more: str) -> dict[str, str]:
    """What Twilio posts about a message of ours."""
    told = {"MessageSid": "SM9", "AccountSid": SID, "MessageStatus": word, "SmsStatus": word}
    return told | {"From": NUMBER, "To": MAYA} | more


def request(
    form: dict[str, Any], url: str = URL, *, secret: str = TOKEN, signed: str = "", settings: str = ""
) -> Request:
    """The signed call; `signed` is the URL that the signature is over, `settings` what the header of that name says."""
    algorithm = "HMAC_SHA256" if "SHA256" in settings else "HMAC_SHA1"
    made = RequestValidator(secret).compute_signature(signed or url, form, algorithm)
    headers = {b"x-twilio-signature": made.encode(), b"content-type": b"application/x-www-form-urlencoded"}
    if settings:
        headers[b"x-twilio-webhooks-signature-settings"] = settings.encode()
    return Request(urlencode(form, doseq=True).encode(), headers, url)


def event(form: dict[str, Any], url: str = URL, account: Account = ACCOUNT) -> Any:
    (found,) = SMS.verify(request(form, url), [account]).events
    return found


def read_all(form: dict[str, Any], url: str = URL, account: Account = ACCOUNT) -> Any:
    """Everything that one call says."""
    return SMS.parse(event(form, url, account).raw, account)


def read(form: dict[str, Any], url: str = URL, account: Account = ACCOUNT) -> Any:
    """The one thing that a call says."""
    (parsed,) = read_all(form, url, account)
    return parsed


def form_of(call: Call) -> dict[str, str]:
    """The fields that we posted."""
    return {name: values[0] for name, values in parse_qs(call.body.decode()).items()}


def write(content: Content, *script: Any, account: Account = ACCOUNT, **more: Any) -> tuple[Call, Sent]:
    """One content as it is posted, and what came of it."""
    given: dict[str, Any] = {"namespace": "phone", "address": MAYA, "ref": "ref-1"} | more
    with stub(*script, otherwise=(201, {"sid": "SM9", "status": "queued"})) as api:
        reached = Account(account.key, account.account, {**account.config, "base_url": api.url}, account.credentials)
        sent = SMS.send(reached, Outgoing(content, **given))
        return api.calls[-1], sent


def refusal(code: int, status: int = 400) -> tuple[int, bytes]:
    """An answer of Twilio's that refuses."""
    return status, json.dumps({"code": code, "message": f"said {code}", "status": status}).encode()
