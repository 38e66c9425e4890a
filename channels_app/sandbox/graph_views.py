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
from channels_app.sandbox import callbacks, graph, graph_media, graph_templates, inspector, kit, provider
from channels_app.sandbox.models import SandboxControls
from channels_app.sandbox.shapes import Upload
from common import clock, numbers

LONGEST_LATENCY = 8.0  # seconds
LARGEST_PAGE = 100
Answer = tuple[int, dict[str, Any], tuple[tuple[str, str], ...]]
Endpoint = Callable[[HttpRequest, Channel, str], Answer]


class LostAnswer(ConnectionAbortedError):
    """The pretended provider hangs up after it has taken the message."""


def endpoint(*, by_waba: bool = False) -> Callable[[Endpoint], Callable[..., HttpResponseBase]]:
    """404 without SANDBOX=1, 401 without the channel's token, then the answer; every exchange is inspected."""

    def wrap(view: Endpoint) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @require_http_methods(["GET", "POST", "DELETE"])
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
    failure = ""
    if not (isinstance(body, dict) and "status" in body):  # "the next one" is a message, not that we have read one
        time.sleep(min(provider.controls_of(channel.key).latency_ms / 1000, LONGEST_LATENCY))
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
    given = file.content_type or request.POST.get("type") or "application/octet-stream"
    upload = Upload(file.read(), given, file.name or "file")
    return 200, {"id": graph_media.keep(channel, upload, graph_media.OURS)}, ()


@endpoint()
def graph_object(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """GET /<phone-number-id>, GET and DELETE /<media-id>."""
    if object_id != channel.account:
        return _file(request, channel, object_id)
    number = str(channel.config.get("display_phone_number", ""))
    name = {"verified_name": channel.title, "display_phone_number": number, "quality_rating": "GREEN"}
    return (
        200,
        {"id": channel.account, **name, "code_verification_status": "VERIFIED", "platform_type": "CLOUD_API"},
        (),
    )


@kit.api(lambda request, media_id: graph_media.owner(media_id))
def attachment(call: kit.Call, media_id: str) -> kit.Answer:
    """GET of a link to a file: the second hop, which wants the token, too."""
    token = str((call.channel.credentials or {}).get("access_token", ""))
    if refusal := graph.check_token(call.request.headers.get("Authorization", ""), token):
        return kit.Answer(refusal.status, refusal.body())
    given = call.request.GET
    row = graph_media.find(call.channel, media_id)
    if row is None or not graph_media.is_open(media_id, given.get("ext", ""), given.get("hash", "")):
        return kit.Answer(404, {"error": "this link has expired"})
    return kit.Answer(200, bytes(row.content), content_type=row.media_type)


@endpoint(by_waba=True)
def message_templates(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """GET /<waba>/message_templates: `limit` to a page, as paged as the real list; POST: a new one, for review."""
    known = provider.templates(channel)
    if request.method == "POST":
        body = _json(request)
        if refusal := graph_templates.check_create(body, known):
            return _refused(refusal)
        return 200, provider.create_template(channel=channel, body=body), ()
    wanted = {name: request.GET[name] for name in ("name", "language", "status", "category") if name in request.GET}
    found = [one for one in known if all(str(one.get(name)) == value for name, value in wanted.items())]
    return _page(request, found)


def _page(request: HttpRequest, found: list[dict[str, Any]]) -> Answer:
    """A page of a list: the last one has cursors as well, and no `next`."""
    asked, size = request.GET.get("after", ""), request.GET.get("limit", "25")
    start = numbers.whole(asked, digits=9) or 0
    end = start + min(max(numbers.whole(size, digits=9) or 25, 1), LARGEST_PAGE)
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(min(end, len(found)))}}
    if end < len(found):
        query = request.GET.copy()
        query["after"] = str(end)
        paging["next"] = request.build_absolute_uri(f"?{query.urlencode()}")
    summary = {"summary": _summary(found)} if "summary" in request.GET else {}
    return 200, {"data": found[start:end], "paging": paging, **summary}, ()


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    count = len(found)
    return {
        "total_count": count,
        "message_template_count": count,
        "message_template_limit": 250,
        "are_translations_complete": True,
    }


def _file(request: HttpRequest, channel: Channel, media_id: str) -> Answer:
    row = graph_media.find(channel, media_id)
    if row is None:
        return _refused(graph.UNKNOWN_OBJECT)
    if request.method == "DELETE":
        graph_media.drop(channel, media_id)
        return 200, {"success": True}, ()
    return 200, graph_media.described(row, media_id, request.build_absolute_uri("/").rstrip("/")), ()


@endpoint(by_waba=True)
def subscribed_apps(request: HttpRequest, channel: Channel, object_id: str) -> Answer:
    """GET and POST /<waba>/subscribed_apps."""
    if request.method == "POST":
        asked = _json(request)
        url = str(asked.get("override_callback_uri") or "") if isinstance(asked, dict) else ""
        if url and not callbacks.proves_itself(url, str(asked.get("verify_token") or "")):
            return _refused(graph.Refusal(400, 2200, "Callback verification failed.", subcode=2200))
        return 200, {"success": True}, ()
    data = {"id": "67000000000001", "name": "Throughline sandbox", "link": settings.PUBLIC_URL}
    return 200, {"data": [{"whatsapp_business_api_data": data}]}, ()


def _channel(object_id: str, by_waba: bool) -> Channel | None:
    """The WhatsApp channel that this number, business account or file belongs to."""
    lookup = {"config__waba_id": object_id} if by_waba else {"account": object_id}
    found = Channel.objects.filter(kind="whatsapp", **lookup).order_by("pk").first()
    return found or (None if by_waba else graph_media.owner(object_id))


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
        response["Content-Length"] = "2000000"  # promised, too much to be collected before it is sent
    for name, value in headers:
        response[name] = value
    response["X-FB-Request-At"] = clock.now().isoformat()
    return response


def _broken_off() -> Iterator[bytes]:
    yield b'{"messaging_product":'
    raise LostAnswer
