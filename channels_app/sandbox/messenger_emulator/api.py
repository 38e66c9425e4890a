"""How does the pretended Send API answer over HTTP? `/sandbox/<messenger|instagram>/<version>/me/...`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.kit import Answer, Call
from channels_app.sandbox.messenger_emulator import letters, platform
from channels_app.sandbox.models import SandboxFile
from common import clock

TYPING = 20.0  # seconds
FIELDS = "subscribed_fields"  # fact: what the app has subscribed to
BOX = "box:"  # fact: the person behind the reference of a ticked box


def urls(kind: str, rules: platform.Rules) -> tuple[URLPattern, ...]:
    """The API of one of the two; `me` is whoever the token belongs to."""
    api = kit.api(_finder(kind), _refused(platform.STRANGER))

    @api
    def messages(call: Call, version: str) -> Answer:
        return _messages(call, rules)

    @api
    def subscribed_apps(call: Call, version: str) -> Answer:
        if call.request.method == "POST":
            kit.remember(call.channel, FIELDS, str((call.json() or {}).get("subscribed_fields", "")).split(","))
            return Answer(200, {"success": True})
        fields = kit.recall(call.channel, FIELDS, ["messages"])
        app = {"id": str(call.channel.config.get("app_id", "")), "name": "Throughline", "subscribed_fields": fields}
        return Answer(200, {"data": [app]})

    @api
    def me(call: Call, version: str) -> Answer:
        return Answer(200, {"id": call.channel.account, "name": call.channel.title})

    @kit.api(lambda request, version, person: _finder(kind)(request), _refused(platform.STRANGER))
    def profile(call: Call, version: str, person: str) -> Answer:
        known = kit.recall(call.channel, f"name:{person}")
        return Answer(200, {"id": person, **known}) if known else _refused(platform.NOBODY)

    return (
        path("<str:version>/me/messages", messages),
        path("<str:version>/me/subscribed_apps", subscribed_apps),
        path("<str:version>/me", me),
        path("<str:version>/<str:person>", profile),
    )


def _finder(kind: str) -> Callable[..., Channel | None]:
    def find(request: HttpRequest, **named: Any) -> Channel | None:
        """The channel that the token belongs to; it is not looked for in the query, where it would end up in logs."""
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        token = given.strip().encode()
        if scheme != "Bearer" or not token:
            return None
        for channel in Channel.objects.filter(kind=kind).order_by("pk"):
            own = str((channel.credentials or {}).get("access_token", ""))
            if own and secrets.compare_digest(own.encode(), token):
                return channel
        return None

    return find


def _messages(call: Call, rules: platform.Rules) -> Answer:
    """POST /me/messages: a message, or a courtesy."""
    body, upload = _read(call)
    if refusal := platform.check_send(body, rules, upload is not None):
        return _refused(refusal)
    to = _person(call.channel, body["recipient"])
    if "sender_action" in body:
        return _courtesy(call.channel, to, str(body["sender_action"]))
    failure = call.sends()
    if failure in platform.INSTEAD:
        return _refused(platform.INSTEAD[failure])
    # Who ticked a box may be written to once before they wrote anything.
    is_asked_for = bool(to) and "user_ref" in body["recipient"]
    refusal = platform.check_window(body, kit.last_inbound_at(call.channel, to), clock.now())
    if refusal and not is_asked_for:
        return _refused(refusal)
    row = letters.take(call.channel, body, to, upload)
    return Answer(200, {"recipient_id": to, "message_id": row.external_id})


def _read(call: Call) -> tuple[Any, SandboxFile | None]:
    """JSON, or a form whose members are JSON and whose file is the attachment."""
    if not (call.request.content_type or "").startswith("multipart/"):
        return call.json(), None
    body: dict[str, Any] = dict(call.request.POST.items())
    try:
        body |= {name: json.loads(body[name]) for name in ("recipient", "message") if name in body}
    except ValueError:
        return None, None
    file = call.request.FILES.get("filedata")
    if file is None:
        return body, None
    kept = kit.keep_file(call.channel, Upload(file.read(), file.content_type or "", file.name or "file"))
    return body, kept


def _person(channel: Channel, recipient: Mapping[str, Any]) -> str:
    """Whom a recipient means: an id, or the reference of a box that somebody ticked."""
    reference = recipient.get("user_ref")
    return str(kit.recall(channel, f"{BOX}{reference}", "") if reference else recipient.get("id", ""))


def _courtesy(channel: Channel, to: str, action: str) -> Answer:
    if action != "mark_seen":
        kit.types_until(channel, to, TYPING if action == "typing_on" else 0)
    return Answer(200, {"recipient_id": to})


def _refused(refusal: platform.Refusal) -> Answer:
    return Answer(refusal.status, refusal.body())
