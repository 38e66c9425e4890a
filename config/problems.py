"""How does the API say no? Every error becomes one RFC 9457 problem document with a stable code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import override
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from common.outages import Away, is_away
from common.problems import Problem
from handover.inbox import access

CONTENT_TYPE = "application/problem+json"
AGAIN = 5  # seconds until it is worth another try


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets an unexpected error become a 500 of `server_error`."""
    if isinstance(error, Problem):
        body = document(error.code, error.status, title=error.title, detail=error.detail, **error.extra)
        return Response(body, status=error.status, content_type=CONTENT_TYPE)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    answer = exception_handler(error, context)
    if answer is None or not isinstance(error, exceptions.APIException):
        return answer
    if isinstance(error, exceptions.ValidationError):
        extra: dict[str, Any] = {"errors": pointers(error.get_full_details())}
        answer.data = document("invalid", answer.status_code, title="The request has invalid fields.", **extra)
    else:
        code = error.get_codes()
        answer.data = document(
            code if isinstance(code, str) else error.default_code, answer.status_code, _sentence(error.detail)
        )
    answer.content_type = CONTENT_TYPE
    return answer


def _sentence(detail: Any) -> str:
    """What an error says in words; those about a token have them in a dictionary, beside what they are about."""
    return str(detail.get("detail", "") if isinstance(detail, dict) else detail)


def document(code: str, status: int, detail: str = "", title: str = "", **extra: Any) -> dict[str, Any]:
    """The problem document; `type` is a page of our own documentation, `code` never changes."""
    body = {
        "type": f"{settings.PUBLIC_URL}/api/docs/#problem-{code}",
        "code": code,
        "title": title or HTTPStatus(status).phrase,
        "status": status,
    }
    return {**body, **({"detail": detail} if detail else {}), **extra}


def pointers(details: Any, at: str = "") -> list[dict[str, str]]:
    """A flat list of `{pointer, code, detail}` from DRF's nested details; pointers are RFC 6901."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        return [{"pointer": at, "code": str(details["code"]), "detail": str(details["message"])}]
    pairs: list[tuple[str, Any]] = []
    if isinstance(details, dict):
        pairs = [("" if key == "non_field_errors" else f"/{_escaped(key)}", value) for key, value in details.items()]
    elif isinstance(details, list):
        leaves = all(isinstance(item, dict) and set(item) == {"message", "code"} for item in details)
        pairs = [("" if leaves else f"/{index}", value) for index, value in enumerate(details)]
    return [entry for suffix, value in pairs for entry in pointers(value, at + suffix)]


def _escaped(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


class PathMiddleware:
    """404 for a path with NUL: nothing is called that, and the database takes it in no question."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info:
            raise Http404
        return self.get_response(request)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 outside DRF: a problem below `/api/`, a page elsewhere."""
    return _page(request, "not_found", HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a problem below `/api/`, a page elsewhere; nothing of the error is shown. 503 if it is an outage."""
    if is_away(sys.exception()):
        return _away(request)
    return _page(request, "server_error", HTTPStatus.INTERNAL_SERVER_ERROR)


def _page(request: HttpRequest, code: str, status: HTTPStatus) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(document(code, status), status=status, content_type=CONTENT_TYPE)
    return render(request, "error.html", {"status": status}, status=status)


def _away(request: HttpRequest) -> HttpResponse:
    """Without the database: in the browser's language, and the page asks again by itself unless it was sent a form."""
    if request.path.startswith("/api/"):
        body = document(Away.code, Away.status, title=Away.title)
        response: HttpResponse = JsonResponse(body, status=Away.status, content_type=CONTENT_TYPE)
    else:
        with override(access.language_asked(request)):
            response = access.refused(Away()) if access.is_script(request) else _away_page(request)
    response.headers["Retry-After"] = str(AGAIN)
    response.headers["Cache-Control"] = "no-store"
    return response


def _away_page(request: HttpRequest) -> HttpResponse:
    context = {"problem": Away(), "again": AGAIN, "is_safe": request.method in ("GET", "HEAD")}
    return HttpResponse(render_to_string("inbox/away.html", context), status=Away.status)
