"""Do Django's pages say through the bridge what they say to a WSGI server, and nothing more?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config import bridge


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, headers={"X-Said": request.META.get("HTTP_X_SAID", "")})


def long(request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse(b"piece" for _ in range(3))


urlpatterns = [path("echo", echo), path("long", long)]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def pages() -> Iterator[bridge.Pages]:
    found = bridge.Pages(WSGIHandler(), threads=2)
    yield found
    found.threads.shutdown()


def scope(at: str = "/echo", method: str = "POST", headers: tuple[tuple[bytes, bytes], ...] = ()) -> dict[str, Any]:
    given = {"type": "http", "http_version": "1.1", "method": method, "path": at, "query_string": b""}
    return {**given, "headers": [(b"host", b"localhost"), *headers]}


async def sent_for(pages: bridge.Pages, request: dict[str, Any], *incoming: dict[str, Any]) -> list[dict[str, Any]]:
    waiting = list(incoming or ({"type": "http.request", "body": b""},))
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await pages(request, receive, send)
    return sent


async def test_a_body_in_parts_arrives_whole(pages: bridge.Pages) -> None:
    parts = [{"type": "http.request", "body": b"one ", "more_body": True}, {"type": "http.request", "body": b"two"}]
    sent = await sent_for(pages, scope(), *parts)
    assert [sent[0]["status"], sent[1]["body"]] == [200, b"one two"]


async def test_a_short_answer_is_two_messages(pages: bridge.Pages) -> None:
    assert [message["type"] for message in await sent_for(pages, scope())] == [
        "http.response.start",
        "http.response.body",
    ]


async def test_a_long_answer_is_sent_piece_by_piece(pages: bridge.Pages) -> None:
    sent = await sent_for(pages, scope("/long", "GET"))
    assert [message["body"] for message in sent[1:]] == [b"piece", b"piece", b"piece", b""]
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, True, False]


async def test_a_body_that_never_ends_is_refused(pages: bridge.Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "LONGEST_BODY", 10)
    sent = await sent_for(pages, scope(), {"type": "http.request", "body": b"x" * 11, "more_body": True})
    assert sent[0]["status"] == 413


async def test_half_a_request_is_not_acted_on(pages: bridge.Pages) -> None:
    half = [{"type": "http.request", "body": b"pay 1", "more_body": True}, {"type": "http.disconnect"}]
    assert await sent_for(pages, scope(), *half) == []


@pytest.mark.scenario("T-P14")
async def test_too_many_at_once_are_told_to_come_back(pages: bridge.Pages) -> None:
    pages.in_hand = bridge.MOST_WAITING
    sent = await sent_for(pages, scope())
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"1") in sent[0]["headers"]


def described(*headers: tuple[bytes, bytes], **values: Any) -> dict[str, Any]:
    return bridge.environ({**scope(headers=headers), **values}, io.BytesIO(b"12345"))


def test_a_header_with_an_underscore_cannot_pose_as_another() -> None:
    found = described((b"x_forwarded_for", b"10.0.0.1"), (b"x-forwarded-for", b"192.0.2.7"))
    assert found["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"


def test_headers_that_come_twice_are_joined() -> None:
    found = described((b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x/y"), (b"accept", b"*/*"))
    assert (found["HTTP_COOKIE"], found["HTTP_ACCEPT"]) == ("a=1; b=2", "x/y,*/*")


def test_the_length_is_what_came_not_what_was_said() -> None:
    found = described((b"content-length", b"999"))
    assert found["CONTENT_LENGTH"] == "5"
    assert "HTTP_CONTENT_LENGTH" not in found


def test_text_is_latin_1_as_wsgi_asks() -> None:
    found = described(path="/ü", query_string=b"q=\xfc")
    assert (found["PATH_INFO"], found["QUERY_STRING"]) == ("/\xc3\xbc", "q=\xfc")
