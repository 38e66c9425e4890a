"""What does every test stand on? No network but loopback, and an empty Redis database of its own when it asks."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

LOCAL_NAMES = ("localhost", "ip6-localhost", "testserver", "")


def is_local(host: object) -> bool:
    """Whether a socket address names this machine; names that need a resolver do not."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(str(name).split("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: a connection or a name look-up that would leave this machine raises `RuntimeError`."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(address[0]):
            raise RuntimeError(f"tests may not use the network: {address[0]}")
    elif event == "socket.getaddrinfo" and not is_local(arguments[0]):
        raise RuntimeError(f"tests may not resolve names: {arguments[0]!r}")


sys.addaudithook(refuse_network)


@pytest.fixture
def redis_client() -> Iterator[redis.Redis]:
    """A client of the test Redis, flushed before use (the database number of this test process only)."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.close()
