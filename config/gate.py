"""May this person try to sign in now? The only authentication backend, so every door counts: inbox, back office, API.

Throttled
+-- TooManyFailures     429 throttled, with Retry-After; the same whether or not there is such an account
"""

from __future__ import annotations

import ipaddress
import math
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.exceptions import Throttled

from channels_app import connections
from common.crypto import blind
from customers import audit, failures

WITHIN = timedelta(minutes=5)
OF_NAME, OF_ADDRESS = 10, 50  # failures within that time
LONGEST = 300  # characters of a name that count; Django's are shorter


class TooManyFailures(Throttled):
    wait: int  # seconds
    default_detail = "Too many failed sign-ins."
    extra_detail_singular = "Try again in {wait} second."
    extra_detail_plural = "Try again in {wait} seconds."


class Gate(ModelBackend):
    """Name and password, unless the name or the address has failed too often; then not even the right ones open."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **given: Any
    ) -> User | None:
        name = username if username is not None else given.get("username")
        if name is None or password is None:
            return None
        address = connections.address_of(request) if request is not None else ""
        limits = _limits(name, address)
        try:
            failures.count(limits)
        except failures.TooMany as refusal:
            raise TooManyFailures(wait=math.ceil(refusal.wait)) from None
        user = super().authenticate(request, username=name, password=password)
        if user is None:
            audit.record(actor="anonymous", action="login_failed", object_id=_digest(name), ip=address)
        else:
            failures.give_back(limits)
        return user

    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **given: Any
    ) -> User | None:
        """Django's own would go round the count."""
        return await sync_to_async(self.authenticate)(request, username, password, **given)


class GateMiddleware:
    """Says in a page what the API says in a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """429 for a sign-in that came too early; every other error is somebody else's."""
        if not isinstance(error, TooManyFailures):
            return None
        status = HTTPStatus.TOO_MANY_REQUESTS
        page = render(request, "error.html", {"status": status, "detail": error.detail}, status=status)
        page.headers["Retry-After"] = str(error.wait)
        return page


def _limits(name: str, address: str) -> list[failures.Limit]:
    """The address first, in every process: two locks, one order. A shell has no address."""
    of_name = failures.Limit(_digest(name), OF_NAME, WITHIN)
    if not address:
        return [of_name]
    return [failures.Limit(blind("login", "address", value=_site(address)), OF_ADDRESS, WITHIN), of_name]


def _digest(name: str) -> str:
    """One for all spellings of a name that the database or a person might take for the same."""
    plain = unicodedata.normalize("NFKC", name[:LONGEST]).casefold().strip()
    return blind("login", "name", value=plain)


def _site(address: str) -> str:
    """Who has one address of IPv6 has its whole /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
