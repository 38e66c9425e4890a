"""Does a call to another system reach that system only, and does whatever it answers end?"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from common import dialing, safe_http, targets
from common.safe_http import FetchError, NotJson, Refused, TooLarge, TooSlow, Unanswered
from tests.common.backends import Answer, Backend, certify, said, serve

ADDRESSES = {
    "loopback": "127.0.0.1",
    "loopback v6": "::1",
    "private 10/8": "10.1.2.3",
    "private 172.16/12": "172.16.0.1",
    "private 192.168/16": "192.168.1.1",
    "carrier-grade NAT": "100.64.0.1",
    "metadata": "169.254.169.254",
    "link-local v6": "fe80::1",
    "unique-local": "fd12:3456::1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "unspecified": "0.0.0.0",
    "unspecified v6": "::",
    "IPv4-mapped": "::ffff:127.0.0.1",
    "IPv4-compatible": "::127.0.0.1",
    "SIIT": "::ffff:0:127.0.0.1",
    "NAT64": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::1",
    "6to4": "2002:7f00:1::",
    "Teredo": "2001::1",
}
BASES = {
    "plain http": "http://shop.example",
    "userinfo": "https://shop.example@evil.example",
    "userinfo with a password": "https://a:b@shop.example",
    "odd port": "https://shop.example:8080",
    "Redis' port": "https://shop.example:6379",
    "gopher": "gopher://shop.example",
    "file": "file:///etc/passwd",
    "a query": "https://shop.example/?x=",
    "a fragment": "https://shop.example/#",
    "a space in the host": "https://shop .example",
    "a backslash": "https://shop.example\\@evil.example",
    "no host": "https://",
}
PATHS = {
    "another host": "//evil.example/",
    "userinfo in the path": "/@evil.example/",
    "a URL": "https://evil.example/",
    "no slash": ".evil.example/",
    "a parent": "/orders/../admin",
    "an encoded parent": "/orders/%2e%2e/admin",
    "a half encoded parent": "/orders/.%2E",
    "an encoded slash behind a parent": "/orders/..%2fadmin",
    "an encoded backslash behind a parent": "/orders/..%5cadmin",
    "a backslash": "/orders\\admin",
    "a second query": "/orders?admin=1",
    "a fragment": "/orders#x",
    "a line break": "/orders\r\nHost: evil.example",
    "an encoded line break": "/orders/%0d%0aHost:%20evil.example",
    "an encoded NUL": "/orders/%00",
    "an encoding that is none": "/orders/%zz",
    "broken UTF-8": "/orders/%c0%ae%c0%ae",
    "letters that are no URL": "/pedidos/año",
}


@pytest.fixture
def shop(settings: Settings) -> Iterator[Backend]:
    """A system of the inside that the operator allows to connections."""
    with serve() as running:
        settings.CONNECTION_PRIVATE_HOSTS = [running.place]
        yield running


def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


def nobody(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host} was looked up")


@pytest.mark.scenario("J-31")
@pytest.mark.scenario("T-35")
@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_no_address_of_the_inside_is_called(address: str) -> None:
    with pytest.raises(Refused, match="not public"):
        safe_http.send("GET", "https://shop.example", "/", look_up=lambda host, port: [address])


@pytest.mark.scenario("J-31")
@pytest.mark.parametrize("literal", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_no_way_to_write_an_inner_address_is_called(literal: str) -> None:
    with pytest.raises(Refused):
        safe_http.send("GET", f"https://{literal}", "/")


@pytest.mark.scenario("J-31")
@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_a_base_that_is_not_a_plain_https_host_is_refused_before_it_is_looked_up(base: str) -> None:
    with pytest.raises(Refused):
        safe_http.send("GET", base, "/", look_up=nobody)


@pytest.mark.scenario("J-31")
@pytest.mark.scenario("T-39")
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_that_leaves_its_place_is_refused_before_anything_is_looked_up(path: str) -> None:
    with pytest.raises(Refused):
        safe_http.send("GET", "https://shop.example/api", path, look_up=nobody)


@pytest.mark.scenario("T-39")
def test_what_a_stranger_writes_stays_in_its_place(shop: Backend) -> None:
    evil = "x&admin=1\r\nHost: evil#?"
    safe_http.send("POST", shop.url + "/api/", "/orders/a%2Fb%40c", query={"q": evil}, body={"note": evil, "q": '"}'})
    (got,) = shop.got
    assert got.path == "/api/orders/a%2Fb%40c?q=x%26admin%3D1%0D%0AHost%3A+evil%23%3F"
    assert got.body == {"note": evil, "q": '"}'}
    assert got.headers["host"] == shop.place


@pytest.mark.scenario("T-39")
@pytest.mark.parametrize("value", ["a\r\nX: 1", "a\nb", "ü", "a\0", "", " a"])
def test_a_header_of_more_than_one_plain_line_is_refused(shop: Backend, value: str) -> None:
    with pytest.raises(Refused):
        safe_http.send("GET", shop.url, "/", headers={"Authorization": value})
    assert shop.got == []


@pytest.mark.scenario("J-31")
@pytest.mark.scenario("T-35")
def test_rebinding_a_name_finds_nobody(shop: Backend, settings: Settings) -> None:
    settings.CONNECTION_PRIVATE_HOSTS = []
    answers = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]])
    with pytest.raises(Refused, match="not public"):
        safe_http.send("GET", "https://rebinding.example", "/", look_up=lambda host, port: next(answers))
    assert next(answers) == ["127.0.0.1"], "the name was looked up a second time"
    assert shop.got == []


@pytest.mark.scenario("J-31")
def test_a_name_is_looked_up_once_and_what_was_found_is_what_is_called(shop: Backend, settings: Settings) -> None:
    settings.CONNECTION_PRIVATE_HOSTS = ["shop.example"]
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    base = f"http://shop.example:{shop.server_port}"
    safe_http.send("GET", base, "/", look_up=lambda host, port: next(answers))
    assert next(answers) == ["127.0.0.2"]
    assert len(shop.got) == 1


@pytest.mark.scenario("J-31")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 300, 304])
def test_a_redirect_is_not_followed_wherever_it_leads(shop: Backend, status: int) -> None:
    shop.usual = Answer(status, b"", {"Location": "/elsewhere"})
    with pytest.raises(Refused, match="elsewhere"):
        safe_http.send("POST", shop.url, "/start", body={})
    assert [got.path for got in shop.got] == ["/start"]


@pytest.mark.scenario("J-31")
def test_the_list_of_fetches_does_not_open_the_door_for_connections(shop: Backend, settings: Settings) -> None:
    settings.CONNECTION_PRIVATE_HOSTS, settings.INSIDE_HOSTS = [], [shop.place]
    with pytest.raises(Refused):
        safe_http.send("GET", shop.url, "/")
    settings.CONNECTION_PRIVATE_HOSTS, settings.INSIDE_HOSTS = [shop.place], []
    assert safe_http.send("GET", shop.url, "/").status == 200


def test_a_method_that_no_connection_can_have_is_refused() -> None:
    for method in ("TRACE", "CONNECT", "get", "GET / HTTP/1.1\r\n"):
        with pytest.raises(Refused):
            safe_http.send(method, "https://shop.example", "/", look_up=nobody)


def test_no_proxy_of_the_environment_is_used(shop: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve() as proxy:
        for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert safe_http.send("GET", shop.url, "/").data == {}
        assert proxy.got == []


def test_any_status_is_an_answer_and_only_json_is_read(shop: Backend) -> None:
    shop.answers = [
        said({"a": [1]}),
        said({"why": "gone"}, 404),
        Answer(502, b"<h1>oh</h1>", {"Content-Type": "text/html"}),
    ]
    shop.answers += [Answer(204, b""), Answer(200, b'{"a":1}', {"Content-Type": "application/problem+json"})]
    found = [safe_http.send("GET", shop.url, "/") for _ in range(5)]
    assert [(one.status, one.data) for one in found] == [
        (200, {"a": [1]}), (404, {"why": "gone"}), (502, None), (204, None), (200, {"a": 1}),
    ]  # fmt: skip


def _drip(out: Any) -> None:
    for _ in range(100):
        out.write(b" ")
        out.flush()
        time.sleep(0.05)


def _endless(out: Any) -> None:
    for _ in range(200):
        out.write(bytes(65536))


BAD: dict[str, tuple[Answer, type[FetchError]]] = {
    "300 KiB": (Answer(body=b'"' + b"a" * 300 * 1024 + b'"'), TooLarge),
    "10 MB": (Answer(body=b'"' + b"a" * 10_000_000 + b'"'), TooLarge),
    "10 MB without a length": (Answer(write=_endless), TooLarge),
    "a gzip bomb": (Answer(body=gzip.compress(bytes(20_000_000)), headers={"Content-Encoding": "gzip"}), TooLarge),
    "HTML": (Answer(body=b"<h1>hello</h1>", headers={"Content-Type": "text/html"}), NotJson),
    "JSON that calls itself HTML": (Answer(headers={"Content-Type": "text/html"}), NotJson),
    "HTML that calls itself JSON": (Answer(body=b"<h1>hello</h1>"), NotJson),
    "NaN": (Answer(body=b'{"a": NaN}'), NotJson),
    "half a JSON": (Answer(body=b'{"a": '), NotJson),
    "JSON as deep as a well": (Answer(body=b"[" * 50_000), NotJson),
    "broken UTF-8": (Answer(body=b'"\xff"'), NotJson),
    "a NUL": (Answer(body=b'"\\u0000"'), NotJson),
    "a slow drip": (Answer(write=_drip), TooSlow),
    "an unknown encoding": (Answer(headers={"Content-Encoding": "br"}), Refused),
    "an answer that breaks off": (Answer(body=b"{", headers={"Content-Length": "100"}), Unanswered),
}


@pytest.mark.scenario("J-32")
@pytest.mark.parametrize(("answer", "error"), BAD.values(), ids=BAD)
def test_a_bad_answer_ends_as_an_error_in_time(shop: Backend, answer: Answer, error: type[FetchError]) -> None:
    shop.usual = answer
    began = time.monotonic()
    with pytest.raises(error):
        safe_http.send("GET", shop.url, "/", seconds=1.0)
    assert time.monotonic() - began < 2.5


@pytest.mark.scenario("J-32")
def test_what_is_sent_is_capped_too(shop: Backend) -> None:
    with pytest.raises(TooLarge):
        safe_http.send("POST", shop.url, "/", body={"a": "b" * 300 * 1024})
    assert shop.got == []


def trusting(path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Believes this certificate from now on; what is returned forgets it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    dialing.trust.cache_clear()
    return dialing.trust.cache_clear


def test_over_tls_the_name_is_checked_and_the_checked_address_called(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certify(tmp_path, "shop.example")
    forget = trusting(certificate, monkeypatch)
    with serve(certificate) as server:
        settings.CONNECTION_PRIVATE_HOSTS = [f"shop.example:{server.server_port}"]
        base = f"https://shop.example:{server.server_port}"
        assert safe_http.send("GET", base, "/health", look_up=here).status == 200
        assert server.got[0].headers["host"] == f"shop.example:{server.server_port}"
    forget()


@pytest.mark.scenario("J-32")
def test_a_certificate_of_somebody_else_ends_the_call_before_a_word_is_said(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget = trusting(certify(tmp_path, "shop.example"), monkeypatch)
    with serve(certify(tmp_path, "other.example")) as server:
        settings.CONNECTION_PRIVATE_HOSTS = ["shop.example"]
        with pytest.raises(Unanswered):
            base = f"https://shop.example:{server.server_port}"
            safe_http.send("GET", base, "/", headers={"Authorization": "Bearer x"}, look_up=here)
        assert server.got == []
    forget()


@pytest.mark.parametrize(("code", "error"), [
    ("timeout", TooSlow), ("refused", Refused), ("unanswered", Unanswered), ("too_large", TooLarge),
    ("not_json", NotJson),
])  # fmt: skip
def test_each_failure_has_the_name_that_a_journey_knows_it_by(code: str, error: type[FetchError]) -> None:
    assert error.code == code


def test_a_path_is_put_below_the_base() -> None:
    assert targets.build("/api/", "/orders/1", {"a": "b c"}) == "/api/orders/1?a=b+c"
    with pytest.raises(Refused, match="long"):
        targets.build("", "/" + "a" * 9000)
