"""How does a webhook of the pretended WhatsApp leave? Signed, to the real endpoint, as the controls ask."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from django.conf import settings

from channels_app.models import Channel
from channels_app.sandbox import inspector, payloads, postman
from channels_app.sandbox.kit.letters import webhook_url
from channels_app.sandbox.kit.memory import controls_of
from channels_app.sandbox.models import SandboxControls, SandboxMessage
from common import clock

RUNG = 0.12  # seconds between two receipts of one message
HELD_BACK = 1.5  # seconds that every other message waits when the order is to be mixed up
HANDSHAKE_SECONDS = 5.0
AGENT = "facebookexternalua"


def number_of(channel: Channel) -> payloads.Number:
    """The business number behind a channel."""
    display = str(channel.config.get("display_phone_number", "15550783881"))
    return payloads.Number(channel.account, str(channel.config.get("waba_id", "0")), display)


def proves_itself(url: str, token: str) -> bool:
    """The handshake: whether our door echoes a challenge to who knows its verify token. No other server is asked."""
    if not url.startswith(f"{settings.PUBLIC_URL}/webhooks/"):
        return False
    challenge = secrets.token_hex(8)
    asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
    try:
        answer = httpx.get(url, params=asked, timeout=HANDSHAKE_SECONDS, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and answer.text == challenge


def post_message(channel: Channel, controls: SandboxControls, change: Mapping[str, Any], number: int) -> None:
    """Posts what a customer wrote; mixed-up order lets every other message overtake the one before."""
    after = HELD_BACK if controls.reorders and number % 2 else 0.0
    for extra in (0.0, 0.3) if controls.duplicates else (0.0,):
        _post(channel, payloads.envelope(number_of(channel), change), after + extra, message=number)


def post_change(channel: Channel, change: Mapping[str, Any], after: float = 0.0) -> None:
    """Posts a change that is no message: news, echoes, preferences; twice if the controls say so."""
    body = payloads.envelope(number_of(channel), change, time=int(clock.now().timestamp()))
    post_body(channel, body, after)


def post_body(channel: Channel, body: Mapping[str, Any], after: float = 0.0) -> None:
    """Posts a whole body."""
    for extra in (0.0, 0.3) if controls_of(channel.key).duplicates else (0.0,):
        _post(channel, body, after + extra)


def post_receipts(
    channel: Channel,
    wamid: str,
    to: str,
    callback: str,
    states: Sequence[str],
    errors: Sequence[Mapping[str, Any]] = (),
    controls: SandboxControls | None = None,
) -> None:
    """Posts one receipt per state; mixed-up order posts the last first, duplicates post each twice."""
    ordered = list(reversed(states)) if controls and controls.reorders else list(states)
    if controls and controls.duplicates:
        ordered = [state for state in ordered for _ in range(2)]
    now = clock.now()
    number = number_of(channel)
    for place, state in enumerate(ordered):
        change = payloads.status(
            wamid=wamid, state=state, recipient=to, at=now, callback=callback, errors=errors, number=number
        )
        _post(channel, payloads.envelope(number, change), RUNG * place + 0.02)


def _post(channel: Channel, body: Mapping[str, Any], after: float, message: int | None = None) -> None:
    raw = payloads.encode(body)
    signature = payloads.sign(str((channel.credentials or {}).get("app_secret", "")), raw)
    headers = {"Content-Type": "application/json", payloads.SIGNATURE: signature, "User-Agent": AGENT}
    url, key = webhook_url(channel), channel.key

    def note(status: int, answer: str, took_ms: int) -> None:
        inspector.record_apart(
            channel=key,
            direction="in",
            method="POST",
            path=url.removeprefix(settings.PUBLIC_URL),
            headers=headers,
            request=raw.decode(),
            status=status,
            response=answer,
            took_ms=took_ms,
        )
        if message is not None and status == 200:
            SandboxMessage.objects.filter(pk=message, state="sent").update(state="delivered")

    postman.post(postman.Letter(url, raw, headers, note), after)
