"""How does a pretended provider answer over HTTP? One decorator for the views of its API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app.models import Channel
from channels_app.sandbox import inspector
from channels_app.sandbox.emulators import LOST, WORKS
from channels_app.sandbox.kit.memory import controls_of, failure_now

LONGEST_LATENCY = 8.0  # seconds
PROMISED = "2000000"  # bytes that a lost answer promises: too many to be collected before they are sent
JSON = "application/json"
SHOWN_HEADERS = ("Authorization", "Content-Type", "User-Agent")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider says: JSON of `body`, or bytes and text as they are."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def content(self) -> bytes:
        """The body as it goes over the wire."""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


class LostAnswer(ConnectionAbortedError):
    """The pretended provider hangs up after it has taken the message."""


@dataclass(slots=True)
class Call:
    """One request to the provider's API about one channel."""

    request: HttpRequest
    channel: Channel
    failure: str = WORKS

    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.request.body)
        except ValueError:
            return None

    def sends(self) -> str:
        """This call sends a message: waits as the controls say, and returns the failure that it shall meet.

        The emulator answers 429, 500 and its own failures in its provider's words; `lost` is done by `api`, after the
        message was taken as usual.
        """
        time.sleep(min(controls_of(self.channel.key).latency_ms / 1000, LONGEST_LATENCY))
        self.failure = failure_now(self.channel.key)
        return self.failure

    def bearer(self, scheme: str = "Bearer") -> str:
        """The token of the header `Authorization`, '' without one."""
        given, _, token = self.request.headers.get("Authorization", "").partition(" ")
        return token.strip() if given.lower() == scheme.lower() else ""


View = Callable[..., Answer]


def api(
    find: Callable[..., Channel | None], unknown: Answer = Answer(404, {"error": "not found"})
) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A view of the provider's API: `view(call, **url)` gets the channel that `find(request, **url)` found.

    404 outside of the sandbox; `unknown` if there is no such channel; every exchange is inspected with secrets masked.
    """

    def wrap(view: View) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **url: Any) -> HttpResponseBase:
            if not settings.SANDBOX:
                raise Http404
            started = time.monotonic()
            channel = find(request, **url)
            if channel is None:
                return _respond(unknown, is_lost=False)
            call = Call(request, channel)
            found = view(call, **url)
            is_lost = call.failure == LOST and 200 <= found.status < 300
            _record(call, found, round((time.monotonic() - started) * 1000), is_lost)
            return _respond(found, is_lost)

        return answer

    return wrap


def json_answer(status: int = 200, **body: Any) -> Answer:
    """A JSON object as answer."""
    return Answer(status, body)


def _record(call: Call, found: Answer, took_ms: int, is_lost: bool) -> None:
    request, hide = call.request, inspector.hiding(call.channel.credentials or {})
    is_file = (request.content_type or "").startswith("multipart/")
    sent = "(form with a file)" if is_file else request.body.decode(errors="replace")
    said = found.content().decode(errors="replace") if _is_text(found) else f"({len(found.content())} bytes)"
    inspector.record(
        channel=call.channel.key,
        direction="out",
        method=request.method or "",
        path=hide(request.get_full_path()),
        headers={name: request.headers[name] for name in SHOWN_HEADERS if name in request.headers},
        request=hide(sent),
        status=0 if is_lost else found.status,
        response="(taken, then the answer was lost)" if is_lost else hide(said),
        took_ms=took_ms,
    )


def _is_text(found: Answer) -> bool:
    return found.content_type.startswith(("text/", "application/json", "application/xml"))


def _respond(found: Answer, is_lost: bool) -> HttpResponseBase:
    if is_lost:
        lost = StreamingHttpResponse(_broken_off(), content_type=found.content_type)
        lost["Content-Length"] = PROMISED
        return lost
    response = HttpResponse(found.content(), status=found.status, content_type=found.content_type)
    for name, value in found.headers.items():
        response[name] = value
    return response


def _broken_off() -> Iterator[bytes]:
    yield b"{"
    raise LostAnswer
