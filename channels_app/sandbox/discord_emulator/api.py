"""What does the pretended Discord answer over HTTP? The part of its API v10 that bots of our kind use."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpRequest

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.discord_emulator import cdn, interactions, limits, objects, rules, sending, sessions
from channels_app.sandbox.kit import Answer, Call
from channels_app.sandbox.models import SandboxMessage
from common import numbers

TYPING = 10.0  # seconds
MESSAGES_MAX = 100
COMMAND = re.compile(r"[a-z0-9_-]{1,32}")
NOTHING = Answer(204, "", content_type="text/html; charset=utf-8")


def bot(request: HttpRequest, **_: Any) -> Channel | None:
    """The channel whose token was shown as `Bot <token>`."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return objects.bot_with(token) if scheme == "Bot" else None


def anybody(request: HttpRequest, **url: Any) -> Channel | None:
    """A call that shows no token: the channel that its interaction or file belongs to."""
    place = str(url.get("place", ""))
    found = objects.bots()
    if place:
        return next((one for one in found if objects.user_in(one, place)), None)
    name = f"interaction:{url.get('number')}:{url.get('token')}"[:200]
    return next((one for one in found if kit.recall(one, name)), None)


with_token = kit.api(bot, rules.UNAUTHORIZED)


@with_token
def me(call: Call) -> Answer:
    return Answer(200, objects.bot(call.channel) | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0})


@with_token
def application(call: Call) -> Answer:
    """The application; a new endpoint URL is tried at once, with a PING and a bad signature."""
    if call.request.method == "PATCH":
        url = objects.mapping(call.json()).get("interactions_endpoint_url")
        if not isinstance(url, str) or not url.startswith(("https://", "http://")):
            return rules.invalid([("interactions_endpoint_url", "Not a well formed URL.")])
        interactions.probe(call.channel, url)
    return Answer(200, objects.application(call.channel))


@with_token
def commands(call: Call, number: str) -> Answer:
    """Makes a command, or changes the one of that name."""
    body = objects.mapping(call.json())
    name = str(body.get("name") or "")
    if number != call.channel.account:
        return rules.refusal(403, 20012, "You are not authorized to perform this action on this application")
    if not COMMAND.fullmatch(name):
        return rules.invalid([("name", "Command name is invalid")])
    made = {"id": objects.snowflake(call.channel), "application_id": number, "version": "1", "type": 1, **body}
    kit.remember(call.channel, f"command:{name}", made)
    return Answer(201, made)


@with_token
def gateway(call: Call) -> Answer:
    left = sessions.starts_left(call.channel)
    limit = {"total": sessions.STARTS, "remaining": left, "reset_after": 14_400_000, "max_concurrency": 1}
    return Answer(200, {"url": sessions.gateway_url(), "shards": 1, "session_start_limit": limit})


@with_token
def direct(call: Call) -> Answer:
    """Opens direct messages; the same person always gives the same channel."""
    user = str(objects.mapping(call.json()).get("recipient_id") or "")
    if not (user.isascii() and user.isdigit() and 15 <= len(user) <= 20):
        return rules.invalid([("recipient_id", f'Value "{user[:20]}" is not snowflake.')])
    return Answer(200, objects.dm_channel(call.channel, user))


@with_token
def channel(call: Call, place: str) -> Answer:
    user = objects.user_in(call.channel, place)
    return Answer(200, objects.dm_channel(call.channel, user)) if user else rules.UNKNOWN_CHANNEL


@with_token
def messages(call: Call, place: str) -> Answer:
    """Sends a message, or lists what was said."""
    user = objects.user_in(call.channel, place)
    if not user:
        return rules.UNKNOWN_CHANNEL
    if call.request.method == "GET":
        return Answer(200, _listed(call, user))
    if not call.request.headers.get("User-Agent", "").startswith("DiscordBot ("):
        return rules.NO_AGENT
    refused, headers = limits.take(call.channel, place)
    failure = call.sends()
    if refused is not None:
        return refused
    found = sending.FAILURES.get(failure) or _taken(call, place, user)
    return Answer(found.status, found.body, {**headers, **found.headers}, found.content_type)


def _taken(call: Call, place: str, user: str) -> Answer:
    body = call.json() if "json" in (call.request.content_type or "") else _payload(call.request)
    files = [uploaded for _, uploaded in sorted(call.request.FILES.items())]
    return sending.take(call.channel, place, user, body, files)


def _payload(request: HttpRequest) -> Any:
    """A form's `payload_json`, or the form itself."""
    try:
        return json.loads(request.POST.get("payload_json", "{}"))
    except ValueError:
        return None


def _listed(call: Call, user: str) -> list[Any]:
    """The newest first; `after` and `before` are ids."""
    rows = SandboxMessage.objects.filter(channel=call.channel.key, address=user).order_by("-pk")
    query = call.request.GET
    after, before, limit = (query.get(name, "") for name in ("after", "before", "limit"))
    found = [row.body for row in rows[:2000] if row.body and "id" in row.body and not row.body.get("is_removed")]
    found = [one for one in found if int(one["id"]) > int(after or 0) and int(one["id"]) < int(before or 2**63)]
    most = min(numbers.whole(limit, digits=9) or 50, MESSAGES_MAX)
    # Without `before`, `after` starts at the oldest of them.
    return found[-most:] if after else found[:most]


@with_token
def message(call: Call, place: str, number: str) -> Answer:
    row = kit.find_message(call.channel, number)
    if row is None or objects.user_in(call.channel, place) != row.address or "id" not in (row.body or {}):
        return rules.refusal(404, 10008, "Unknown Message")
    return Answer(200, row.body)


@with_token
def typing(call: Call, place: str) -> Answer:
    user = objects.user_in(call.channel, place)
    if not user:
        return rules.UNKNOWN_CHANNEL
    kit.types_until(call.channel, user, TYPING)
    return NOTHING


@with_token
def refresh(call: Call) -> Answer:
    """New links for those that ran out."""
    asked = objects.mapping(call.json()).get("attachment_urls")
    urls = [str(url) for url in asked][:50] if isinstance(asked, list) else []
    renewed = [{"original": url, "refreshed": cdn.refresh(call.channel, url)} for url in urls]
    return Answer(200, {"refreshed_urls": [one for one in renewed if one["refreshed"]]})


@kit.api(anybody, cdn.GONE)
def attachment(call: Call, place: str, public_id: str, name: str) -> Answer:
    query = call.request.GET
    return cdn.serve(call.channel, public_id, query.get("ex", ""), query.get("hm", ""))


@kit.api(anybody, rules.UNKNOWN_INTERACTION)
def callback(call: Call, number: str, token: str) -> Answer:
    """An interaction that came over the gateway is answered here, within three seconds."""
    answer = objects.mapping(call.json())
    found = interactions.callback(call.channel, number, token, answer)
    if found is None:
        return rules.UNKNOWN_INTERACTION
    return Answer(200, found) if call.request.GET.get("with_response") in ("1", "true") else NOTHING
