"""Does the fetch of a foreign URL stay outside, and does it end?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from common import safe_http
from common.addresses import is_public, look_up
from common.safe_http import BadStatus, Refused, TooLarge, TooSlow, Unanswered
from tests.common.servers import Server, serve

INSIDE = (
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "0.0.0.0",
    "169.254.169.254", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::",
    "2002:a00:1::1", "2001:db8::1", "2001::1", "100::1", "3fff::1", "nonsense", "",
)  # fmt: skip
OUTSIDE = (
    "8.8.8.8",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::",
)


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    """A server that the operator allows, by name and port."""
    with serve() as running:
        settings.INSIDE_HOSTS = [running.place]
        yield running


@pytest.fixture
def hidden(settings: Settings) -> Iterator[Server]:
    """A server of the inside that nobody has allowed."""
    settings.INSIDE_HOSTS = []
    with serve() as running:
        yield running


@pytest.mark.scenario("T-35")
@pytest.mark.parametrize("address", INSIDE)
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.scenario("T-35")
@pytest.mark.parametrize("literal", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::1]"])
def test_every_way_to_write_an_inner_address_is_refused(literal: str) -> None:
    with pytest.raises(Refused):
        safe_http.get(f"https://{literal}/")


@pytest.mark.scenario("T-35")
@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "ftp://example.com/", "http://example.com/", "//example.com",
     "https://example.com:22/", "https://example.com:6379/", "https://user@example.com/", "https://", "", "nonsense",
     "https://exa mple.com/", "https://example.com:99999/"],
)  # fmt: skip
def test_a_url_of_another_kind_is_refused_before_anything_is_looked_up(url: str) -> None:
    def asked(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    with pytest.raises(Refused):
        safe_http.get(url, look_up=asked)


@pytest.mark.scenario("T-35")
@pytest.mark.scenario("T-34")
def test_nobody_comes_to_a_server_of_the_inside(hidden: Server) -> None:
    for url in (f"http://{hidden.place}/", f"https://{hidden.place}/", f"http://localhost:{hidden.server_port}/"):
        with pytest.raises(Refused):
            safe_http.get(url)
    assert hidden.hits == []


@pytest.mark.scenario("T-35")
def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused, match="not public"):
        safe_http.get("https://two.example/", look_up=lambda host, port: ["8.8.8.8", "10.0.0.1"])


@pytest.mark.scenario("T-35")
def test_a_name_is_looked_up_once_and_the_checked_address_is_called(hidden: Server) -> None:
    answers = iter([["192.0.2.7"], ["127.0.0.1"]])
    with pytest.raises(Refused):
        safe_http.get("https://rebinding.example/", look_up=lambda host, port: next(answers))
    assert next(answers) == ["127.0.0.1"]
    assert hidden.hits == []


@pytest.mark.scenario("T-35")
def test_a_redirect_to_the_inside_is_refused(server: Server) -> None:
    with serve() as other:
        for place in (
            f"http://{other.place}/",
            "http://169.254.169.254/latest/",
            "file:///etc/passwd",
            "https://[::1]/",
        ):
            server.elsewhere = place
            with pytest.raises(Refused):
                safe_http.get(f"http://{server.place}/away")
        assert other.hits == []


def test_a_redirect_to_another_host_needs_the_list_and_takes_no_secrets_along(
    server: Server, settings: Settings
) -> None:
    with serve() as other:
        settings.INSIDE_HOSTS = [server.place, other.place]
        server.elsewhere = f"http://{other.place}/hello"
        with pytest.raises(Refused, match="another host"):
            safe_http.get(f"http://{server.place}/away")
        found = safe_http.get(f"http://{server.place}/away", hosts=["127.0.0.1"], headers={"Authorization": "Bearer x"})
    assert (found.content, found.final_url) == (b"hello", server.elsewhere)
    assert server.headers["authorization"] == "Bearer x"
    assert "authorization" not in other.headers


def test_a_redirect_within_the_host_is_followed(server: Server) -> None:
    assert safe_http.get(f"http://{server.place}/moved").content == b"hello"


def test_an_allowed_server_is_fetched_with_its_type(server: Server) -> None:
    found = safe_http.get(f"http://{server.place}/hello", hosts=["127.0.0.1"])
    assert (found.content, found.media_type) == (b"hello", "text/plain")
    assert server.headers["host"] == server.place


def test_a_host_that_is_not_in_the_list_is_not_called(server: Server) -> None:
    with pytest.raises(Refused, match="provider"):
        safe_http.get(f"http://{server.place}/hello", hosts=["api.example", ".example.com"])
    assert server.hits == []


def test_the_list_takes_whole_names_and_what_stands_below_a_dot() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError(host)

    for url in ("https://media.example.com/a", "https://api.example/a"):
        with pytest.raises(Unanswered):
            safe_http.get(url, hosts=["api.example", ".example.com"], look_up=nobody)
    for url in ("https://example.com.evil/", "https://evilexample.com/", "https://notapi.example/"):
        with pytest.raises(Refused):
            safe_http.get(url, hosts=["api.example", ".example.com"], look_up=nobody)


def test_compressed_answers_are_opened(server: Server) -> None:
    assert safe_http.get(f"http://{server.place}/zipped").content == b"hello"


@pytest.mark.scenario("T-36")
@pytest.mark.parametrize("page", ["bomb", "endless", "announced"])
def test_what_is_larger_than_allowed_is_given_up(server: Server, page: str) -> None:
    with pytest.raises(TooLarge):
        safe_http.get(f"http://{server.place}/{page}", max_bytes=100_000, seconds=5)


@pytest.mark.scenario("T-36")
@pytest.mark.parametrize("page", ["drip", "silent"])
def test_what_takes_too_long_is_given_up(server: Server, page: str) -> None:
    began = time.monotonic()
    with pytest.raises(TooSlow):
        safe_http.get(f"http://{server.place}/{page}", seconds=0.4)
    assert time.monotonic() - began < 1.5


@pytest.mark.scenario("T-36")
def test_a_loop_of_redirects_ends(server: Server) -> None:
    with pytest.raises(Refused, match="too many"):
        safe_http.get(f"http://{server.place}/loop")
    assert len(server.hits) == 4


@pytest.mark.scenario("T-36")
@pytest.mark.parametrize("page", ["headers-only", "broken-gzip"])
def test_an_answer_that_cannot_be_read_is_none(server: Server, page: str) -> None:
    with pytest.raises(Unanswered):
        safe_http.get(f"http://{server.place}/{page}", seconds=5)


def test_an_encoding_that_was_not_asked_for_is_refused(server: Server) -> None:
    with pytest.raises(Refused):
        safe_http.get(f"http://{server.place}/strange")


@pytest.mark.parametrize(("page", "is_permanent"), [("missing", True), ("busy", False)])
def test_a_failure_says_whether_trying_again_makes_sense(server: Server, page: str, is_permanent: bool) -> None:
    with pytest.raises(BadStatus) as raised:
        safe_http.get(f"http://{server.place}/{page}")
    assert raised.value.is_permanent is is_permanent


def test_a_slow_look_up_counts_too() -> None:
    def slow(host: str, port: int) -> list[str]:
        time.sleep(1)
        return ["8.8.8.8"]

    with pytest.raises(TooSlow):
        safe_http.get("https://slow.example/", seconds=0.2, look_up=slow)


def test_a_proxy_of_the_environment_is_not_used(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as proxy:
        monkeypatch.setenv("http_proxy", f"http://{proxy.place}")
        assert safe_http.get(f"http://{server.place}/hello").content == b"hello"
        assert proxy.hits == []


def test_the_sandbox_may_be_fetched_only_while_it_runs(hidden: Server, settings: Settings) -> None:
    settings.PUBLIC_URL = f"http://{hidden.place}"
    settings.SANDBOX = True
    assert safe_http.get(f"http://{hidden.place}/hello").content == b"hello"
    settings.SANDBOX = False
    with pytest.raises(Refused):
        safe_http.get(f"http://{hidden.place}/hello")


def test_literals_are_never_asked_for() -> None:
    assert look_up("127.1", 443) == ["127.0.0.1"]
    assert look_up("[::1]", 443) == ["::1"]
