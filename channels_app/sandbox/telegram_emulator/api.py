"""How does the pretended Bot API answer over HTTP? `/bot<token>/<method>` in every form that clients use, and files."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.kit import Answer, Call
from channels_app.sandbox.telegram_emulator import methods, rules
from channels_app.sandbox.telegram_emulator.rules import Refused

FAILURES: Mapping[str, tuple[int, str]] = {
    kit.BROKEN: rules.BROKEN,
    "403": rules.BLOCKED,
    "400": (400, "Bad Request: message can't be sent"),
    "401": rules.UNAUTHORIZED,
}
RETRY_AFTER = 2  # seconds


def _find(request: HttpRequest, token: str, **more: Any) -> Channel | None:
    return kit.channel_by("telegram", account=token.partition(":")[0])


@kit.api(_find, Answer(401, Refused(*rules.UNAUTHORIZED).body()))
def method(call: Call, token: str, name: str) -> Answer:
    """`/bot<token>/<method>`: GET or POST; parameters in the query, a form, a form with files, or JSON."""
    try:
        _check(call, token)
        params = _params(call)
        if methods.is_send(name):
            _fail(call.sends())
        result = methods.run(call.channel, name, params, call.request.FILES)
    except Refused as refused:
        headers = {"Retry-After": str(RETRY_AFTER)} if refused.status == 429 else {}
        return Answer(refused.status, refused.body(), headers)
    return Answer(200, {"ok": True, "result": result})


@kit.api(_find, Answer(404, Refused(*rules.NOT_FOUND).body()))
def file(call: Call, token: str, path: str) -> Answer:
    """`/file/bot<token>/<file_path>`: the bytes, of a type that says nothing, as Telegram gives them."""
    try:
        _check(call, token)
    except Refused as refused:
        return Answer(refused.status, refused.body())
    row = kit.file(call.channel, path.rpartition("/")[2].partition(".")[0])
    if row is None:
        return Answer(404, Refused(*rules.NOT_FOUND).body())
    return Answer(200, bytes(row.content), content_type="application/octet-stream")


def _check(call: Call, token: str) -> None:
    known = str((call.channel.credentials or {}).get("token", ""))
    if not known or not hmac.compare_digest(token.encode(), known.encode()):
        raise Refused(*rules.UNAUTHORIZED)


def _fail(failure: str) -> None:
    if failure == kit.TOO_MANY:
        raise Refused(429, f"Too Many Requests: retry after {RETRY_AFTER}", retry_after=RETRY_AFTER)
    if failure in FAILURES:
        raise Refused(*FAILURES[failure])


def _params(call: Call) -> dict[str, Any]:
    """All parameters; what a form or a query carries nested is JSON, what JSON carries as numbers stays so."""
    request = call.request
    params = {name: _opened(value) if name in NESTED else value for name, value in request.GET.items()}
    if request.content_type == "application/json":
        given = call.json()
        if not isinstance(given, Mapping):
            raise rules.bad("can't parse JSON object")
        params |= given
        return {name: _opened(value) if name in NESTED else value for name, value in params.items()}
    return params | {name: _opened(value) if name in NESTED else value for name, value in request.POST.items()}


NESTED = frozenset(
    {
        "reply_markup", "entities", "caption_entities", "reply_parameters", "allowed_updates", "media", "reaction",
        "commands", "link_preview_options", "scope",
    }
)  # fmt: skip


def _opened(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise rules.bad("can't parse a JSON-serialized parameter") from None
