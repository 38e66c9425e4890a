"""How does the pretended Graph API answer over HTTP? `/sandbox/graph/<version>/...`, for the real WhatsApp adapter."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from channels_app.models import Channel
from channels_app.sandbox import graph, inspector, provider
from channels_app.sandbox.models import SandboxControls
from common import clock

LONGEST_LATENCY = 8.0  # seconds
Answer = tuple[int, dict[str, Any], tuple[tuple[str, str], ...]]
Endpoint = Callable[[HttpRequest, Channel, str], Answer]


class LostAnswer(ConnectionAbortedError):
    """The pretended provider hangs up after it has taken the message."""


def endpoint(*, by_waba: bool = False) -> Callable[[Endpoint], Callable[..., HttpResponseBase]]:
    """404 without SANDBOX=1, 401 without the channel's token, then the answer; every exchange is inspected."""

    def wrap(view: Endpoint) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @require_http_methods(["GET", "POST"])
        @wraps(view)
        def answer(request: HttpRequest, version: str, object_id: str) -> HttpResponseBase:
            if not settings.SANDBOX:
                raise Http404
            started = time.monotonic()
            channel = _channel(object_id, by_waba)
            if channel is None:
                return JsonResponse(graph.UNKNOWN_OBJECT.body(), status=graph.UNKNOWN_OBJECT.status)
            found = _answer(request, channel, object_id, view)
            failure = getattr(request, "failure", "")
            took_ms = round((time.monotonic() - started) * 1000)
            _record(request, channel, found, took_ms, lost=failure == SandboxControls.Failure.LOST)
            return _respond(found, lost=failure == SandboxControls.Failure.LOST and found[0] == 200)

        return answer

    return wrap


@endpoint()
def messages(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """POST /<phone-number-id>/messages."""
    body = _json(request)
    controls = provider.controls_of(channel.key)
    time.sleep(min(controls.latency_ms / 1000, LONGEST_LATENCY))
    failure = provider.failure_now(channel.key)
    if refusal := provider.refusal(channel=channel, body=body, failure=failure):
        return _refused(refusal)
    request.failure = failure  # type: ignore[attr-defined]  # read by `endpoint`
    return 200, provider.take(channel=channel, body=body, failure=failure), ()


@endpoint()
def media(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """POST /<phone-number-id>/media: an id of digits for an uploaded file."""
    file = request.FILES.get("file")
    if request.POST.get("messaging_product") != "whatsapp" or file is None:
        return _refused(graph.Refusal(400, 100, "The parameters messaging_product and file are required."))
    return 200, {"id": str(time.time_ns())[:16]}, ()


@endpoint()
def phone_number(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """GET /<phone-number-id>."""
    number = str(channel.config.get("display_phone_number", ""))
    name = {"verified_name": channel.title, "display_phone_number": number, "quality_rating": "GREEN"}
    return (
        200,
        {"id": channel.account, **name, "code_verification_status": "VERIFIED", "platform_type": "CLOUD_API"},
        (),
    )


@endpoint(by_waba=True)
def message_templates(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """GET /<waba>/message_templates: two approved ones, one to a page, as paged as the real list."""
    after = request.GET.get("after", "")
    page = TEMPLATES[1:] if after else TEMPLATES[:1]
    paging = {} if after else {"next": request.build_absolute_uri("?after=1"), "cursors": {"after": "1"}}
    return 200, {"data": page, "paging": paging}, ()


@endpoint(by_waba=True)
def subscribed_apps(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """GET and POST /<waba>/subscribed_apps."""
    if request.method == "POST":
        return 200, {"success": True}, ()
    data = {"id": "67000000000001", "name": "Throughline sandbox", "link": settings.PUBLIC_URL}
    return 200, {"data": [{"whatsapp_business_api_data": data}]}, ()


TEMPLATES: list[dict[str, Any]] = [
    {
        "id": "594425479261596",
        "name": "order_update",
        "language": "en",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hello {{1}}, there is news about your order {{2}}."}],
    },
    {
        "id": "594425479261597",
        "name": "continue_chat",
        "language": "en",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hello {{1}}, we have an answer for you. Shall we go on here?"}],
    },
]


def _channel(object_id: str, by_waba: bool) -> Channel | None:
    """The WhatsApp channel that this number or business account belongs to."""
    lookup = {"config__waba_id": object_id} if by_waba else {"account": object_id}
    return Channel.objects.filter(kind="whatsapp", **lookup).first()


def _answer(request: HttpRequest, channel: Channel, object_id: str, view: Endpoint) -> Answer:
    token = str((channel.credentials or {}).get("access_token", ""))
    if refusal := graph.check_token(request.headers.get("Authorization", ""), token):
        return _refused(refusal)
    return view(request, channel, object_id)


def _json(request: HttpRequest) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        return None


def _refused(refusal: graph.Refusal) -> Answer:
    return refusal.status, refusal.body(), refusal.headers


def _record(request: HttpRequest, channel: Channel, found: Answer, took_ms: int, lost: bool) -> None:
    is_file = (request.content_type or "").startswith("multipart/")
    names = ("Authorization", "Content-Type", "User-Agent")
    inspector.record(
        channel=channel.key,
        direction="out",
        method=request.method or "",
        path=request.get_full_path(),
        headers={name: request.headers[name] for name in names if name in request.headers},
        request="(a file)" if is_file else request.body.decode(errors="replace"),
        status=0 if lost else found[0],
        response="(taken, then the answer was lost)" if lost else json.dumps(found[1]),
        took_ms=took_ms,
    )


def _respond(found: Answer, lost: bool) -> HttpResponseBase:
    status, body, headers = found
    response: HttpResponseBase = JsonResponse(body, status=status)
    if lost:
        response = StreamingHttpResponse(_broken_off(), content_type="application/json")
        response["Content-Length"] = "400"
    for name, value in headers:
        response[name] = value
    response["X-FB-Request-At"] = clock.now().isoformat()
    return response


def _broken_off() -> Iterator[bytes]:
    yield b'{"messaging_product":'
    raise LostAnswer
