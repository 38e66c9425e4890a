"""Can a test reach the world? It must not."""

import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_a_connection_to_the_outside_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as connection, pytest.raises(RuntimeError, match="may not use the network"):
        connection.connect(address)


def test_a_name_is_not_resolved() -> None:
    with pytest.raises(RuntimeError, match="may not resolve names"):
        socket.getaddrinfo("example.com", 443)


def test_loopback_is_allowed() -> None:
    with socket.socket() as listener, socket.socket() as connection:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        connection.connect(listener.getsockname())
        assert connection.getpeername() == listener.getsockname()
