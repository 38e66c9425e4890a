"""How does the pretended e-mail service answer over HTTP? `/sandbox/email/...`, for anymail's real Postmark backend."""

from __future__ import annotations

import hmac

from django.http import HttpRequest
from django.urls import path

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.email_emulator import letters, postmark
from channels_app.sandbox.kit import Answer, Call
from common import clock


def find(request: HttpRequest) -> Channel | None:
    """The channel whose server token was sent; the first one else, so that the refusal is inspected."""
    given = request.headers.get(postmark.TOKEN_HEADER, "")
    channels = Channel.objects.filter(kind="email", config__base_url__icontains="/sandbox/").order_by("pk")
    return next((one for one in channels if _has_token(one, given)), channels.first())


api = kit.api(find, postmark.STRANGER)


@api
def email(call: Call) -> Answer:
    """POST /email."""
    if not _is_known(call):
        return postmark.STRANGER
    failure, body = call.sends(), call.json()
    if found := postmark.refusal(body, failure):
        return found
    row = letters.take(call.channel, body, failure)
    return Answer(200, postmark.accepted(body, row.external_id, row.at))


@api
def server(call: Call) -> Answer:
    """GET /server."""
    if not _is_known(call):
        return postmark.STRANGER
    return Answer(200, {"ID": 23, "Name": call.channel.title, "ServerLink": "", "At": postmark.stamp(clock.now())})


urls = (path("email", email), path("server", server))


def _is_known(call: Call) -> bool:
    return _has_token(call.channel, call.request.headers.get(postmark.TOKEN_HEADER, ""))


def _has_token(channel: Channel, given: str) -> bool:
    token = str((channel.credentials or {}).get("api_key", ""))
    return bool(token) and hmac.compare_digest(token.encode(), given.encode())
