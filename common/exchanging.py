"""How does one exchange with a foreign server go? On a connection of its own, and no more is read than may be kept."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import httpcore
import httpx

from common import dialing, numbers
from common.dialing import Refused, TooLarge, TooSlow, Unanswered

PIECE = 64 * 1024

Answer = TypeVar("Answer")


def call(
    backend: dialing.Backend,
    method: str,
    address: httpcore.URL,
    target: httpx.URL,
    headers: Mapping[str, str],
    content: bytes,
    read: Callable[[httpcore.Response], Answer],
) -> Answer:
    """One request on a connection of its own, and what `read` makes of the answer."""
    asked = {"Host": target.netloc.decode(), "Accept-Encoding": "gzip, deflate", "User-Agent": "Throughline", **headers}
    timeout = dict.fromkeys(("connect", "read", "write", "pool"), max(backend.deadline - time.monotonic(), 0.001))
    try:
        with (
            httpcore.ConnectionPool(ssl_context=dialing.trust(), network_backend=backend, retries=0) as pool,
            pool.stream(
                method, address, headers=list(asked.items()), content=content or None, extensions={"timeout": timeout}
            ) as answer,
        ):
            return read(answer)
    except httpcore.TimeoutException as error:
        raise TooSlow("no answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise Unanswered(f"no answer: {type(error).__name__}") from error
    except (ValueError, TypeError) as error:  # a header that cannot be sent
        raise Refused("this request cannot be sent") from error


def address(target: httpx.URL, place: bytes) -> httpcore.URL:
    return httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=dialing.port_of(target), target=place)


def named(answer: httpcore.Response) -> dict[bytes, str]:
    return {name.lower(): value.decode("latin-1") for name, value in answer.headers}


def media_type(found: Mapping[bytes, str]) -> str:
    return found.get(b"content-type", "").partition(";")[0].strip().lower()[:100]


def content(answer: httpcore.Response, found: Mapping[bytes, str], max_bytes: int, deadline: float) -> bytes:
    length = found.get(b"content-length", "")
    if (numbers.whole(length, digits=19) or 0) > max_bytes:
        raise TooLarge(f"larger than {max_bytes} bytes")
    kept = bytearray()
    for piece in _plain(_in_time(answer.iter_stream(), deadline), found.get(b"content-encoding", ""), max_bytes):
        kept += piece
        if len(kept) > max_bytes:
            raise TooLarge(f"larger than {max_bytes} bytes")
    return bytes(kept)


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
