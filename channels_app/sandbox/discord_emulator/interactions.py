"""What does Discord do when somebody taps or gives a command? A signed call that must be answered within 3 seconds."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from channels_app.models import Channel
from channels_app.sandbox import inspector, kit, postman
from channels_app.sandbox.discord_emulator import objects, sessions, signing
from channels_app.sandbox.discord_emulator.objects import Json
from channels_app.sandbox.models import SandboxMessage
from common import clock

DEADLINE_MS = 3000
TOKEN_LIFE = 900.0  # seconds in which an interaction can be answered
PING, COMMAND, COMPONENT = 1, 2, 3
MESSAGE = 4  # an answer that is a message
SELECT = 3
ANSWERS: Mapping[int, tuple[int, ...]] = {PING: (1,), COMMAND: (4, 5, 9), COMPONENT: (4, 5, 6, 7, 9)}
FAILED = "This interaction failed"


def make(channel: Channel, kind: int, user: str, data: Mapping[str, Any], message: Json | None = None) -> Json:
    """A whole interaction in a user's direct messages."""
    place = objects.direct(channel, user)
    found: Json = {
        "id": objects.snowflake(channel),
        "application_id": channel.account,
        "type": kind,
        "token": secrets.token_urlsafe(64),
        "version": 1,
        "user": objects.user(user, channel),
        "channel_id": place,
        "channel": objects.dm_channel(channel, user),
        "context": 1,
        "locale": "en-GB",
        "app_permissions": "442368",
        "authorizing_integration_owners": {"1": "0"},
        "entitlements": [],
        "attachment_size_limit": 10 * 1024 * 1024,
        "data": dict(data),
    }
    return found | ({"message": message} if message else {})


def tap_data(message: Mapping[str, Any], option: str) -> Json:
    """The `data` of a tap: a button by its name, a list by the value that was chosen."""
    for row in message.get("components") or ():
        for one in row.get("components") or ():
            if one.get("type") == SELECT and any(found.get("value") == option for found in one.get("options") or ()):
                return {"custom_id": one["custom_id"], "component_type": SELECT, "values": [option]}
    return {"custom_id": option, "component_type": 2}


def deliver(channel: Channel, interaction: Json, row: SandboxMessage | None = None) -> None:
    """To the endpoint, or over the gateway if the application has none; what fails is shown to who tapped."""
    known = {"at": clock.now().timestamp(), "type": interaction["type"], "place": interaction["channel_id"]}
    kit.remember(channel, _name(interaction), known)
    if not objects.takes_interactions_by_http(channel):
        sessions.dispatch(channel, "INTERACTION_CREATE", interaction)
        return
    body = json.dumps(interaction).encode()
    _post(channel, body, signing.headers(body), interaction, row)


def probe(channel: Channel, url: str = "") -> None:
    """What Discord does when the endpoint's URL is saved, and now and then: a PING, and one with a bad signature."""
    ping = make(channel, PING, "1", {})
    body = json.dumps(ping).encode()
    _post(channel, body, signing.headers(body), ping, None, url=url)
    _post(channel, body, signing.headers(body, is_forged=True), ping, None, expected=401, url=url)


def callback(channel: Channel, number: str, token: str, answer: Mapping[str, Any]) -> Json | None:
    """What came of an answer over the API; None if there is no such interaction (any more), or it was answered."""
    found = kit.recall(channel, f"interaction:{number}:{token}"[:200])
    is_open = isinstance(found, dict) and not found.get("answer")
    if not is_open or clock.now().timestamp() - found["at"] > DEADLINE_MS / 1000:
        return None
    if answer.get("type") not in ANSWERS.get(found["type"], ()):
        return None
    kit.remember(channel, f"interaction:{number}:{token}"[:200], found | {"answer": dict(answer)})
    resource: Json = {"type": answer["type"]}
    if answer["type"] == MESSAGE:
        said = objects.mapping(answer.get("data"))
        kept = {name: said[name] for name in ("content", "flags") if name in said}
        resource["message"] = objects.message(channel, found["place"], objects.bot(channel), **kept)
    return {"interaction": {"id": number, "type": found["type"]}, "resource": resource}


def _post(
    channel: Channel,
    body: bytes,
    headers: Mapping[str, str],
    interaction: Json,
    row: SandboxMessage | None,
    expected: int = 200,
    url: str = "",
) -> None:
    """One call, never repeated: who tapped in vain taps again."""
    url = url or kit.webhook_url(channel)

    def note(status: int, answer: str, took_ms: int) -> None:
        inspector.record_apart(
            channel=channel.key,
            direction="in",
            method="POST",
            path=url.removeprefix(settings.PUBLIC_URL),
            headers=headers,
            request=body.decode(),
            status=status,
            response=answer,
            took_ms=took_ms,
        )
        verdict = _verdict(interaction, status, answer, took_ms, expected)
        if interaction["type"] == PING:
            kit.remember(channel, f"probe:{expected}", verdict or "ok")
        elif row is not None:
            kit.amend(row, state="failed" if verdict else "delivered", answer=_shown(answer), failure=verdict)

    postman.post(postman.Letter(url, body, headers, note, tries=len(postman.RETRIES)))


def _verdict(interaction: Json, status: int, answer: str, took_ms: int, expected: int) -> str:
    """What Discord makes of the answer; '' if it is content."""
    if expected != 200:
        return "" if status == expected else "the signature was not checked"
    is_right = _mapping(answer).get("type") in ANSWERS.get(interaction["type"], ())
    return "" if status == 200 and took_ms <= DEADLINE_MS and is_right else FAILED


def _shown(answer: str) -> str:
    """The ephemeral words of an answer."""
    return str(objects.mapping(_mapping(answer).get("data")).get("content", ""))


def _mapping(text: str) -> Mapping[str, Any]:
    try:
        return objects.mapping(json.loads(text))
    except ValueError:
        return {}


def _name(interaction: Json) -> str:
    return f"interaction:{interaction['id']}:{interaction['token']}"[:200]
