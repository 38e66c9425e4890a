"""Are a site's own keys read, believed for a while, and asked for once a minute at most? (J9)"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.db import connection
from django.db.models import F
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm
from pytest_django import Settings

from channels_app import jwks, public_keys, tokens, visits
from channels_app.key_models import KeySet
from channels_app.models import Channel, WidgetKey
from common import clock
from tests.channels_app import storefront

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
EDWARDS = ed25519.Ed25519PrivateKey.generate()


def rsa_jwk(kid: str = "rsa-1", key: Any = RSA, **changed: Any) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256", **changed}


def ed_jwk(kid: str = "ed-1", **changed: Any) -> dict[str, Any]:
    return {**OKPAlgorithm.to_jwk(EDWARDS.public_key(), as_dict=True), "kid": kid, **changed}


class Site(ThreadingHTTPServer):
    """The site's list; `hits` counts who asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.hits, self.keys, self.body, self.status, self.place = 0, [rsa_jwk(), ed_jwk()], b"", 200, ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/keys"


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.hits += 1
        body = self.server.body or json.dumps({"keys": self.server.keys}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        if self.server.place:
            self.send_header("Location", self.server.place)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    running = Site()
    settings.INSIDE_HOSTS = [f"127.0.0.1:{running.server_port}"]
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield running
    running.shutdown()
    running.server_close()


@pytest.fixture
def shop(db: None, site: Site) -> Channel:
    return storefront.open_shop(jwks_url=site.url)


def signed(key: Any = RSA, algorithm: str = "RS256", kid: str = "rsa-1") -> str:
    claims = jwt.decode(storefront.login(jti=None), options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def refused(shop: Channel, token: str) -> str:
    with pytest.raises(tokens.TokenRefused) as caught:
        visits.verify(channel=shop, login=token)
    return caught.value.code


def later(**by: int) -> None:
    """The database's clock cannot be moved: what it wrote is."""
    past = timedelta(**by)
    KeySet.objects.update(asked_at=F("asked_at") - past, fetched_at=F("fetched_at") - past)
    WidgetKey.objects.filter(source="jwks").update(not_after=F("not_after") - past)


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize(("key", "algorithm", "kid"), [(RSA, "RS256", "rsa-1"), (EDWARDS, "EdDSA", "ed-1")])
def test_j9_a_key_of_the_sites_list_proves_a_login(shop: Channel, key: Any, algorithm: str, kid: str) -> None:
    login = visits.verify(channel=shop, login=signed(key, algorithm, kid))
    assert (login.subject, login.key.source) == ("maya-4711", "jwks")


@pytest.mark.scenario("ID-53", "T-18")
def test_j9_a_storm_of_unknown_kids_asks_the_site_once(shop: Channel, site: Site) -> None:
    assert {refused(shop, signed(kid=f"no-{number}")) for number in range(40)} == {"token_key"}
    assert site.hits == 1


@pytest.mark.scenario("ID-53", "T-25")
@pytest.mark.django_db(transaction=True)
def test_j9_eight_processes_at_once_ask_the_site_once(shop: Channel, site: Site) -> None:
    def ask(number: int) -> None:
        jwks.find(channel=shop, kid=f"no-{number}")
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.hits == 1


@pytest.mark.scenario("ID-53")
def test_j9_a_minute_later_a_new_key_is_found(shop: Channel, site: Site) -> None:
    assert refused(shop, signed(kid="rsa-2")) == "token_key"
    site.keys = [rsa_jwk("rsa-2")]
    assert refused(shop, signed(kid="rsa-2")) == "token_key"
    later(seconds=61)
    assert visits.verify(channel=shop, login=signed(kid="rsa-2")).key.kid == "rsa-2"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("url", ["https://127.0.0.1/keys", "https://169.254.169.254/latest", "http://site.example/k"])
def test_j9_a_list_at_a_private_address_or_without_https_is_never_read(
    shop: Channel, site: Site, settings: Settings, url: str
) -> None:
    settings.INSIDE_HOSTS = []
    shop.config["jwks_url"] = url
    assert refused(shop, signed()) == "token_key"
    assert (site.hits, KeySet.objects.get().fetched_at) == (0, None)


@pytest.mark.scenario("ID-53", "T-18")
def test_j9_a_redirect_is_not_followed(shop: Channel, site: Site) -> None:
    site.status, site.place = 302, "/elsewhere"
    assert refused(shop, signed()) == "token_key"
    assert (site.hits, KeySet.objects.get().trouble) == (1, "too many redirects")


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize(
    "odd",
    [
        rsa_jwk(key=SMALL), rsa_jwk(use="enc"), rsa_jwk(alg="HS256"), rsa_jwk(alg="PS256"), rsa_jwk(kty="oct"),
        rsa_jwk(key_ops=["encrypt"]), rsa_jwk(d="AQAB"), rsa_jwk(n="AQAB"), rsa_jwk(kid="x" * 65), rsa_jwk(kid=7),
        ed_jwk(crv="X25519"), ed_jwk(crv="Ed448"), ed_jwk(alg="RS256"),
        {"kty": "oct", "kid": "s", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}, "nonsense", None,
    ],
)  # fmt: skip
def test_a_key_that_we_would_not_believe_is_left_out(odd: Any) -> None:
    found = public_keys.of_set(json.dumps({"keys": [odd, rsa_jwk("good")]}), most=5)
    assert [key.kid for key in found] == ["good"]


@pytest.mark.scenario("ID-53", "T-18")
def test_j2_a_public_key_of_the_list_is_no_shared_secret(shop: Channel) -> None:
    jwks.refresh(channel=shop)
    header = {"alg": "HS256", "typ": "JWT", "kid": "rsa-1"}
    token = jwt.encode({"sub": "x"}, "any secret that is long enough, really", headers=header)
    assert refused(shop, token) == "token_algorithm"


@pytest.mark.scenario("ID-53")
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"keys": 1}', b"\xff\xfe", b'{"keys": []}' + b" " * 70_000])
def test_j9_an_answer_that_is_no_list_leaves_the_known_keys(shop: Channel, site: Site, body: bytes) -> None:
    jwks.refresh(channel=shop)
    later(minutes=11)
    site.body = body
    assert jwks.refresh_due() == 0
    assert KeySet.objects.get().trouble
    assert visits.verify(channel=shop, login=signed()).key.kid == "rsa-1"


@pytest.mark.scenario("ID-53")
def test_j9_a_list_that_is_silent_for_a_day_is_believed_no_longer(shop: Channel, site: Site) -> None:
    jwks.refresh(channel=shop)
    site.status = 503
    later(hours=23)
    assert visits.verify(channel=shop, login=signed()).key.kid == "rsa-1"
    later(hours=2)
    assert refused(shop, signed()) == "token_key"


def test_known_keys_go_on_while_the_list_is_read_anew_every_ten_minutes(shop: Channel, site: Site) -> None:
    assert (jwks.refresh_due(), jwks.refresh_due(), site.hits) == (1, 0, 1)
    later(minutes=11)
    assert (jwks.refresh_due(), site.hits) == (1, 2)


@pytest.mark.scenario("ID-54")
def test_a_login_ends_when_its_key_leaves_the_list(shop: Channel, site: Site) -> None:
    opened = visits.open(channel=shop, login=signed())
    assert visits.is_signed_in(opened.visit, clock.now())
    site.keys = [ed_jwk()]
    later(minutes=11)
    jwks.refresh_due()
    found = visits.find(channel=shop, token=opened.token)
    assert not visits.is_signed_in(found, clock.now())
    assert visits.endpoint(found, clock.now()) == found.visitor


@pytest.mark.scenario("ID-54")
def test_a_login_ends_when_the_address_leaves_the_settings(shop: Channel) -> None:
    opened = visits.open(channel=shop, login=signed())
    shop.config.pop("jwks_url")
    shop.save(update_fields=["config"])
    jwks.refresh_due()
    assert not visits.is_signed_in(visits.find(channel=shop, token=opened.token), clock.now())
    assert refused(shop, signed()) == "token_key"


def test_a_key_that_a_person_revoked_stays_dead_whatever_the_list_says(shop: Channel) -> None:
    jwks.refresh(channel=shop)
    WidgetKey.objects.filter(kid="rsa-1").update(revoked_at=clock.now())
    later(minutes=11)
    jwks.refresh_due()
    assert refused(shop, signed()) == "token_key"


def test_a_list_cannot_replace_a_key_that_was_made_by_hand(shop: Channel, site: Site) -> None:
    site.keys = [rsa_jwk(storefront.KID)]
    jwks.refresh(channel=shop)
    assert visits.verify(channel=shop, login=storefront.login()).key.source == "hand"
    assert refused(shop, signed(kid=storefront.KID)) == "token_algorithm"


def test_the_same_kid_may_be_anothers_at_another_widget(shop: Channel, site: Site) -> None:
    other = Channel.objects.create(key="web-other", kind="web", title="Other", config={"jwks_url": site.url})
    assert jwks.refresh(channel=shop) and jwks.refresh(channel=other)
    assert WidgetKey.objects.filter(kid="rsa-1").count() == 2
