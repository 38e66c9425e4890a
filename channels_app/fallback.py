"""How does a widget talk when it has no socket? The same protocol over HTTP: listed origins only, never a cookie."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app import (
    connections,
    frames,
    inbox_store,
    limits,
    opening,
    origins,
    protocol,
    sightings,
    uploads,
    visits,
)
from channels_app.models import Channel, Visit
from channels_app.protocol import Refused, Say, Seen
from common import clock, numbers
from common.problems import Problem
from conversations import realtime

Json = dict[str, Any]
Answer = Callable[[HttpRequest, Channel], Json]
BODY_LIMIT = 65_536  # bytes


class WidgetUnknown(Problem):
    code, title, status = "widget_unknown", "There is no such widget.", 404


class OriginRefused(Problem):
    code, title, status = "origin_refused", "This site is not on the widget's list.", 403


class BodyInvalid(Problem):
    code, title, status = "frame_invalid", "The body must be a small JSON object.", 400


class TooFast(Problem):
    code, title, status = "too_fast", protocol.SENTENCES["too_fast"], 429


class FrameRefused(Problem):
    title, status = "The frame was refused.", 422

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.sentence, **refusal.extra)
        self.code = refusal.code


def endpoint(method: str) -> Callable[[Answer], Callable[..., HttpResponse]]:
    """A view of the protocol: origin, method and errors are handled here, the function gives the JSON."""

    def wrap(answer: Answer) -> Callable[..., HttpResponse]:
        @csrf_exempt  # no cookie is read: the caller proves itself with a token in a header
        @wraps(answer)
        def view(request: HttpRequest, channel: str) -> HttpResponse:
            found = connections.channel(channel)
            origin = request.headers.get("Origin", "")
            is_listed = found is not None and origins.is_allowed(origin, found, request.get_host())
            response = _respond(request, found, method, answer, is_welcome=is_listed or not origin)
            response.headers["Cache-Control"] = "no-store, private"
            response.headers["Vary"] = "Origin"
            if is_listed:
                response.headers["Access-Control-Allow-Origin"] = origin
            return response

        return view

    return wrap


@endpoint("POST")
def visit(request: HttpRequest, channel: Channel) -> Json:
    """Opens a visit, or comes back to one: `{token?, jwt?}`."""
    slow_down(limits.VISITS, connections.address_of(request))
    body = body_of(request)
    opened = visits.open(channel=channel, token=text_of(body, "token"), login=text_of(body, "jwt"))
    return opening.state(opened)


@endpoint("POST")
def identify(request: HttpRequest, channel: Channel) -> Json:
    """Signs the visit in: `{jwt}`. Another user than before gets a visit, and a token, of their own."""
    slow_down(limits.VISITS, connections.address_of(request))
    return opening.state(visits.sign_in(visit=visit_of(request, channel), login=text_of(body_of(request), "jwt")))


@endpoint("POST")
def logout(request: HttpRequest, channel: Channel) -> Json:
    """Ends the visit and gives a new one with a new visitor."""
    return opening.state(visits.sign_out(visit=visit_of(request, channel)))


@endpoint("POST")
def messages(request: HttpRequest, channel: Channel) -> Json:
    """Takes one frame: `message`, `option`, `action`, `read` or `delivered`. Answered once it is committed."""
    standing = connections.of(visit_of(request, channel))
    try:
        frame = protocol.frame(body_of(request))
    except Refused as refusal:
        raise FrameRefused(refusal) from refusal
    if isinstance(frame, Seen):
        sightings.note(standing=standing, seen=frame)
        return {"type": "ok"}
    if not isinstance(frame, Say):
        raise FrameRefused(Refused("frame_unknown"))
    slow_down(limits.MESSAGES, standing.visit_id)
    try:
        file = uploads.carried(standing=standing, say=frame)
    except Refused as refusal:
        raise FrameRefused(refusal) from refusal
    here, language = connections.address_of(request), request.headers.get("Accept-Language", "")
    if frame.action == "open" and limits.OPENINGS.wait(here):
        return {"type": "ack", "id": frame.client_id}
    stored = connections.event(standing, frame, file, here, language)
    inbox_store.put_now([inbox_store.row(standing.channel_id, stored)])
    if standing.is_kiosk:
        visits.acted(visit_id=standing.visit_id)
    realtime.hint("wake:inbox")
    return {"type": "ack", "id": frame.client_id}


@endpoint("GET")
def events(request: HttpRequest, channel: Channel) -> Json:
    """What came after a cursor: `?stream=<name>&after=<seq>`, the same envelopes as over the socket."""
    found, after = visit_of(request, channel), request.GET.get("after", "0")
    rows = {str(row.public_id): row for row in visits.proven(found, clock.now())}
    row = rows.get(request.GET.get("stream", ""))
    if row is None or not after.isdecimal() or len(after) > 15:
        raise FrameRefused(Refused("frame_invalid"))
    return {"events": frames.since(row, channel.key, after=int(after))}


def _respond(
    request: HttpRequest, channel: Channel | None, method: str, answer: Answer, *, is_welcome: bool
) -> HttpResponse:
    try:
        if channel is None:
            raise WidgetUnknown
        if not is_welcome:
            raise OriginRefused
        if request.method == "OPTIONS":
            return _preflight(method)
        if request.method != method:
            return HttpResponse(status=405, headers={"Allow": f"{method}, OPTIONS"})
        return JsonResponse(answer(request, channel))
    except Problem as problem:
        return _problem(problem)


def _preflight(method: str) -> HttpResponse:
    allowed = {"Methods": method, "Headers": "Authorization, Content-Type, X-File-Name"}
    headers = {f"Access-Control-Allow-{name}": value for name, value in allowed.items()}
    return HttpResponse(status=204, headers={**headers, "Access-Control-Max-Age": "600"})


def _problem(problem: Problem) -> HttpResponse:
    body = {"type": "about:blank", "code": problem.code, "title": problem.title, "status": problem.status}
    body |= {"detail": problem.detail or problem.title, **problem.extra}
    response = JsonResponse(body, status=problem.status, content_type="application/problem+json")
    if "retry_after" in problem.extra:
        response.headers["Retry-After"] = str(round(problem.extra["retry_after"] + 0.5))
    return response


def visit_of(request: HttpRequest, channel: Channel) -> Visit:
    """The caller's visit, by `Authorization: Bearer <visit token>`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise visits.VisitUnknown
    found = visits.find(channel=channel, token=token.strip())
    visits.touch(visit=found)
    return found


def body_of(request: HttpRequest) -> Json:
    """The body's JSON object, or `BodyInvalid`."""
    length = numbers.whole(request.headers.get("Content-Length") or "0", digits=9)
    if length is None or length > BODY_LIMIT:
        raise BodyInvalid
    try:
        data = protocol.decoded(request.body or b"{}")
    except ValueError as error:
        raise BodyInvalid from error
    if not isinstance(data, dict):
        raise BodyInvalid
    return data


def text_of(body: Json, name: str) -> str:
    """A member as text, '' if it is not there."""
    value = body.get(name) or ""
    if not isinstance(value, str):
        raise BodyInvalid
    return value


def slow_down(limit: limits.Limit, name: str) -> None:
    """`TooFast` while the limit holds."""
    seconds = limit.wait(name)
    if seconds:
        raise TooFast(retry_after=round(seconds, 1))
