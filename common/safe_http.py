"""How is a URL fetched that somebody else chose? From checked public addresses only, with every size and time capped.

FetchError            `is_permanent` says whether to try again makes sense; the text never holds the URL
+-- Refused           scheme, port, host, address or redirect that is not allowed
+-- TooLarge          more bytes than allowed, counted after decompression
+-- TooSlow           the total time was up
+-- Unanswered        no connection, or it broke
+-- BadStatus         an answer that is no success; `status`
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from common import addresses, dialing
from common.addresses import LookUp
from common.dialing import BadStatus, FetchError, Refused, TooLarge, TooSlow, Unanswered

__all__ = ["BadStatus", "Download", "FetchError", "Refused", "TooLarge", "TooSlow", "Unanswered", "get"]

MEGABYTE = 1024 * 1024
PORTS = frozenset({443, 8443})
REDIRECTS = 3
MOVED = frozenset({301, 302, 303, 307, 308})
PIECE = 64 * 1024
HOST = re.compile(r"[\w.-]+\Z|[0-9a-f:.]+\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Download:
    """What was fetched: the bytes, the type that the server named ('' if none), and where they came from in the end."""

    content: bytes
    media_type: str
    final_url: str


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


def _target(url: str, hosts: Sequence[str] | None) -> httpx.URL:
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
    if not dialing.is_inside(host, dialing.port_of(target)):
        if target.scheme != "https":
            raise Refused("only https is allowed")
        if dialing.port_of(target) not in PORTS:
            raise Refused("this port is not allowed")
    return target


def _matches(host: str, allowed: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed.rstrip(".")


def _ask(
    target: httpx.URL, headers: Mapping[str, str], max_bytes: int, deadline: float, look_up: LookUp
) -> Download | str:
    """The download, or where the server sends us."""
    backend = dialing.Backend(deadline, look_up)
    asked = {"Host": target.netloc.decode(), "Accept-Encoding": "gzip, deflate", "User-Agent": "Throughline", **headers}
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), max(deadline - time.monotonic(), 0.001))
    address = httpcore.URL(
        scheme=target.raw_scheme, host=target.raw_host, port=dialing.port_of(target), target=target.raw_path
    )
    try:
        with (
            httpcore.ConnectionPool(ssl_context=dialing.trust(), network_backend=backend, retries=0) as pool,
            pool.stream("GET", address, headers=list(asked.items()), extensions={"timeout": timeout}) as answer,
        ):
            return _read(answer, target, max_bytes, deadline)
    except httpcore.TimeoutException as error:
        raise TooSlow("no answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise Unanswered(f"no answer: {type(error).__name__}") from error
    except (ValueError, TypeError) as error:  # a header that cannot be sent
        raise Refused("this request cannot be sent") from error


def _read(answer: httpcore.Response, target: httpx.URL, max_bytes: int, deadline: float) -> Download | str:
    named = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
    if answer.status in MOVED:
        if not (place := named.get(b"location")):
            raise BadStatus(answer.status)
        return place
    if not 200 <= answer.status < 300:
        raise BadStatus(answer.status)
    length = named.get(b"content-length", "")
    if length.isdigit() and len(length) < 20 and int(length) > max_bytes:
        raise TooLarge(f"larger than {max_bytes} bytes")
    pieces = _plain(_in_time(answer.iter_stream(), deadline), named.get(b"content-encoding", ""), max_bytes)
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > max_bytes:
            raise TooLarge(f"larger than {max_bytes} bytes")
    media_type = named.get(b"content-type", "").partition(";")[0].strip().lower()[:100]
    return Download(bytes(content), media_type, str(target))


def _in_time(pieces: Iterable[bytes], deadline: float) -> Iterator[bytes]:
    for piece in pieces:
        if time.monotonic() > deadline:
            raise TooSlow("not finished in time")
        yield piece


def _plain(pieces: Iterable[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """Decompresses no more at once than may be kept."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        yield from pieces
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Refused("an encoding that was not asked for")
    opened: Any = zlib.decompressobj(wbits=47)  # zlib or gzip, as its header says
    try:
        for piece in pieces:
            waiting = piece
            while waiting:
                yield opened.decompress(waiting, min(PIECE, max_bytes + 1))
                waiting = opened.unconsumed_tail
    except zlib.error as error:
        raise Unanswered("no answer: broken compression") from error
