"""How is a URL fetched that somebody else chose? From checked public addresses only, with every size and time capped.

FetchError            `is_permanent` says whether to try again makes sense; the text never holds the URL
+-- Refused           scheme, port, host, address or redirect that is not allowed
+-- TooLarge          more bytes than allowed, counted after decompression
+-- TooSlow           the total time was up
+-- Unanswered        no connection, or it broke
+-- NotJson           an answer that is no JSON (`send` only)
+-- BadStatus         an answer that is no success; `status` (`get` only: to `send` any status is an answer)
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx
from django.conf import settings

from common import addresses, dialing, exchanging, plain_json, targets
from common.addresses import LookUp
from common.dialing import BadStatus, FetchError, NotJson, Refused, TooLarge, TooSlow, Unanswered

__all__ = [
    "BadStatus", "Download", "FetchError", "NotJson", "Refused", "Reply", "TooLarge", "TooSlow", "Unanswered", "get",
    "is_allowed", "is_free_header", "send",
]  # fmt: skip

MEGABYTE = 1024 * 1024
PORTS = frozenset({443, 8443})
REDIRECTS = 3
MOVED = frozenset({301, 302, 303, 307, 308})
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
CALL_BYTES, CALL_SECONDS = settings.REQUEST_BYTES, float(settings.REQUEST_TOTAL)
JSON_TYPE = re.compile(r"(?:application|text)/(?:[\w.+-]+\+)?json\Z", re.ASCII)
HEADER = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\Z")
# What a connection's own headers may not be: they are ours to set, or move the body's end.
OURS = frozenset({
    "host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer",
    "accept", "accept-encoding", "idempotency-key",
})  # fmt: skip
NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z", re.ASCII)
HOST = re.compile(r"[\w.-]+\Z|[0-9a-f:.]+\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Download:
    """What was fetched: the bytes, the type that the server named ('' if none), and where they came from in the end."""

    content: bytes
    media_type: str
    final_url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What another system answered: its status, and what its JSON says (None if there is none)."""

    status: int
    data: Any = None


def get(
    url: str,
    *,
    hosts: Sequence[str] | None = None,
    max_bytes: int = 16 * MEGABYTE,
    headers: Mapping[str, str] | None = None,
    seconds: float = 20.0,
    redirects: int = REDIRECTS,
    look_up: LookUp = addresses.look_up,
) -> Download:
    """Fetches a URL over https, or raises `FetchError`; never follows where `hosts` or the address table forbid.

    `hosts`: the only names allowed, also for redirects (`.example.com` stands for all below it); None allows any public
    host, but no redirect to another one. `headers` go to the first host only. `seconds` is for everything together.
    At most so many `redirects` are followed.
    """
    deadline = time.monotonic() + seconds
    target = _target(url, hosts)
    sent = dict(headers or {})
    for _ in range(redirects + 1):
        found = _ask(target, sent, max_bytes, deadline, look_up)
        if isinstance(found, Download):
            return found
        following = _target(str(target.join(found)), hosts)
        if following.host != target.host or following.port != target.port:
            if hosts is None:
                raise Refused("it leads to another host")
            sent = {}
        target = following
    raise Refused("too many redirects")


def send(
    method: str,
    base_url: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    ports: Collection[int] = PORTS,
    max_bytes: int = CALL_BYTES,
    seconds: float = CALL_SECONDS,
    look_up: LookUp = addresses.look_up,
) -> Reply:
    """Asks another system for JSON, or raises `FetchError`; any status but a redirect is an answer.

    The host is that of `base_url` and nobody else's: `path` and `query` cannot change it (`targets`), no redirect is
    followed. `body` is sent as JSON unless it is None. `max_bytes` holds each way, `seconds` is for everything together
    (connecting takes 3 at most). Hosts that are not public need the operator's `CONNECTION_PRIVATE_HOSTS`.
    """
    deadline = time.monotonic() + seconds
    if method not in METHODS:
        raise Refused("this method is not allowed")
    base = is_allowed(base_url, ports)
    place = targets.build(base.path, path, query)
    sent = {"Accept": "application/json", **_checked(headers or {})}
    content = b""
    if body is not None:
        content = _written(body, max_bytes)
        sent["Content-Type"] = "application/json"
    if content or method in ("POST", "PUT", "PATCH"):
        sent["Content-Length"] = str(len(content))
    backend = dialing.Backend(deadline, look_up, dialing.is_private_connection)
    address = exchanging.address(base, place.encode("ascii"))
    return exchanging.call(
        backend, method, address, base, sent, content, lambda answer: _reply(answer, method, max_bytes, deadline)
    )


def is_allowed(base_url: str, ports: Collection[int] = PORTS) -> httpx.URL:
    """The URL of another system if a connection may have it; raises `Refused` with the reason. Nothing is looked up."""
    base = _target(base_url, None, ports, dialing.is_private_connection)
    if base.query or base.fragment or "?" in base_url or "#" in base_url:
        raise Refused("the base URL ends with its path")
    targets.build("", base.raw_path.decode() or "/")
    return base


def is_free_header(name: str, value: str) -> bool:
    """May a connection send this header: one plain line, and none that is ours to set?"""
    return name.lower() not in OURS and bool(NAME.match(name)) and bool(HEADER.match(value))


def _target(
    url: str,
    hosts: Sequence[str] | None,
    ports: Collection[int] = PORTS,
    may_enter: Callable[[str, int], bool] = dialing.is_inside,
) -> httpx.URL:
    """The URL if it may be called at all; its addresses are checked when it is."""
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise Refused("this is no URL") from error
    host = target.host.lower().rstrip(".")
    if not HOST.match(target.raw_host.decode()) or target.userinfo or target.scheme not in ("http", "https"):
        raise Refused("this URL is not allowed")
    if hosts is not None and not any(_matches(host, allowed.lower()) for allowed in hosts):
        raise Refused("this host is not the provider's")
    if not may_enter(host, dialing.port_of(target)):
        if target.scheme != "https":
            raise Refused("only https is allowed")
        if dialing.port_of(target) not in ports:
            raise Refused("this port is not allowed")
    return target


def _matches(host: str, allowed: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed.rstrip(".")


def _ask(
    target: httpx.URL, headers: Mapping[str, str], max_bytes: int, deadline: float, look_up: LookUp
) -> Download | str:
    """The download, or where the server sends us."""
    backend = dialing.Backend(deadline, look_up)
    address = exchanging.address(target, target.raw_path)
    return exchanging.call(
        backend, "GET", address, target, headers, b"", lambda answer: _read(answer, target, max_bytes, deadline)
    )


def _read(answer: httpcore.Response, target: httpx.URL, max_bytes: int, deadline: float) -> Download | str:
    found = exchanging.named(answer)
    if answer.status in MOVED:
        if not (place := found.get(b"location")):
            raise BadStatus(answer.status)
        return place
    if not 200 <= answer.status < 300:
        raise BadStatus(answer.status)
    return Download(exchanging.content(answer, found, max_bytes, deadline), exchanging.media_type(found), str(target))


def _reply(answer: httpcore.Response, method: str, max_bytes: int, deadline: float) -> Reply:
    """A success must be JSON or empty; a failure's body may be anything, and counts only if it is JSON."""
    if 300 <= answer.status < 400:
        raise Refused("it leads elsewhere, and redirects are not followed")
    found = exchanging.named(answer)
    content = exchanging.content(answer, found, max_bytes, deadline)
    if not content:
        return Reply(answer.status)
    try:
        if not JSON_TYPE.match(exchanging.media_type(found)):
            raise NotJson("the answer is no JSON")
        return Reply(answer.status, plain_json.read(content))
    except (ValueError, NotJson) as error:
        if answer.status >= 400:
            return Reply(answer.status)
        raise NotJson("the answer is no JSON") from error


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Headers of one line each, in plain characters."""
    if not all(NAME.match(name) and HEADER.match(value) for name, value in headers.items()):
        raise Refused("a header holds a sign that is not allowed")
    return headers


def _written(body: Any, max_bytes: int) -> bytes:
    try:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (ValueError, TypeError) as error:
        raise Refused("this body is no JSON") from error
    if len(content) > max_bytes:
        raise TooLarge(f"more than {max_bytes} bytes to send")
    return content
