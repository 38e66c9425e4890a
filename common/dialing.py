"""Who is called when a foreign URL is fetched? A host's checked address, resolved once, and for a limited time."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

import httpcore
import httpx
from django.conf import settings

from common import addresses
from common.addresses import LookUp

DEFAULT_PORTS = {"http": 80, "https": 443}
CONNECT_SECONDS = 3.0
TEMPORARY = frozenset({408, 425, 429})


class FetchError(Exception):
    """A fetch that brought nothing; `code` is what a journey's step log calls it."""

    is_permanent = True
    code = "unanswered"


class Refused(FetchError):
    """Not allowed, whatever the answer would be."""

    code = "refused"


class TooLarge(FetchError):
    """More bytes than allowed."""

    code = "too_large"


class NotJson(FetchError):
    """An answer that is no JSON, or none that every later step can hold."""

    code = "not_json"


class TooSlow(FetchError):
    """The total time was up."""

    is_permanent = False
    code = "timeout"


class Unanswered(FetchError):
    """Nobody answered, or the connection broke."""

    is_permanent = False


class BadStatus(FetchError):
    """The server answered, and it was no success."""

    def __init__(self, status: int) -> None:
        words = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else ""
        super().__init__(f"the server answered {status} {words}".rstrip())
        self.status = status
        self.is_permanent = status < 500 and status not in TEMPORARY


def port_of(target: httpx.URL) -> int:
    """The port of a URL, the scheme's own if it names none."""
    return target.port or DEFAULT_PORTS.get(target.scheme, 0)


def is_inside(host: str, port: int) -> bool:
    """Whether the operator lets a fetch reach this host although it is not public: `INSIDE_HOSTS`."""
    return _is_listed(host, port, settings.INSIDE_HOSTS)


def is_private_connection(host: str, port: int) -> bool:
    """Whether the operator lets a journey's connection reach it: `CONNECTION_PRIVATE_HOSTS`, another list."""
    return _is_listed(host, port, settings.CONNECTION_PRIVATE_HOSTS)


def is_shut_out(target: httpx.URL) -> bool:
    """Is its host written as an address that no connection is let to? A name is looked up only when it is called."""
    host = target.host.lower().rstrip(".")
    address = addresses.literal(host)
    return address is not None and not addresses.is_public(address) and not is_private_connection(host, port_of(target))


def _is_listed(host: str, port: int, listed: Sequence[str]) -> bool:
    """`host`, or `host:port` for that port alone.

    The sandbox plays the providers on this server's own address, so that one is allowed while it runs.
    """
    allowed = [name.lower() for name in listed]
    if settings.SANDBOX:
        own = httpx.URL(settings.PUBLIC_URL)
        allowed.append(f"{own.host}:{port_of(own)}")
    return host in allowed or f"{host}:{port}" in allowed


@cache
def trust() -> ssl.SSLContext:
    """Certificates that are believed; `SSL_CERT_FILE` names the operator's own."""
    return httpx.create_ssl_context()


class Backend(httpcore.NetworkBackend):
    """Connects to an address that was checked: the name is never looked up a second time."""

    def __init__(self, deadline: float, look_up: LookUp, may_enter: Callable[[str, int], bool] = is_inside) -> None:
        self.deadline, self.look_up, self.may_enter = deadline, look_up, may_enter
        self.wire = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = self._addresses(host, port)
        if not self.may_enter(host.lower(), port) and not all(map(addresses.is_public, found)):
            raise Refused("this address is not public")
        for last, address in enumerate(found, start=1):
            try:
                wait = min(CONNECT_SECONDS, _left(self.deadline))
                return Stream(self.wire.connect_tcp(address, port, timeout=wait), self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if last == len(found):
                    raise
        raise httpcore.ConnectError("no address")

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """Looked up in a thread of its own: the system's resolver knows no deadline."""
        found: list[Sequence[str] | OSError] = []

        def work() -> None:
            try:
                found.append(self.look_up(host, port))
            except (OSError, UnicodeError) as error:
                found.append(error if isinstance(error, OSError) else OSError("no host name"))

        thread = threading.Thread(target=work, name="look-up", daemon=True)
        thread.start()
        thread.join(_left(self.deadline))
        if not found:
            raise TooSlow("the name was not found in time")
        if isinstance(found[0], OSError) or not found[0]:
            raise Unanswered("no answer: the name is not known")
        return found[0]


class Stream(httpcore.NetworkStream):
    """A connection on which no step waits past the deadline, however often a byte drips."""

    def __init__(self, wire: httpcore.NetworkStream, deadline: float) -> None:
        self.wire, self.deadline = wire, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.wire.read(max_bytes, _left(self.deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.wire.write(buffer, _left(self.deadline))

    def close(self) -> None:
        self.wire.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Stream(self.wire.start_tls(ssl_context, server_hostname, _left(self.deadline)), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.wire.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TooSlow("not finished in time")
    return left
