"""Which tokens prove a login, and which prove nothing? (J1 to J12)"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from channels_app import tokens
from channels_app.models import WidgetKey

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "a secret of the shop that is long enough"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EDWARDS = ed25519.Ed25519PrivateKey.generate()


def public_pem(key: Any) -> str:
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


KEYS = {
    "shop": WidgetKey(kid="shop", algorithm="HS256", secret=SECRET),
    "shop-rsa": WidgetKey(kid="shop-rsa", algorithm="RS256", secret=public_pem(RSA)),
    "shop-ed": WidgetKey(kid="shop-ed", algorithm="EdDSA", secret=public_pem(EDWARDS)),
    "short": WidgetKey(kid="short", algorithm="HS256", secret="secret"),
    "revoked": WidgetKey(kid="revoked", algorithm="HS256", secret=SECRET, revoked_at=NOW - timedelta(seconds=1)),
    "ended": WidgetKey(kid="ended", algorithm="HS256", secret=SECRET, not_after=NOW),
    "begins": WidgetKey(kid="begins", algorithm="HS256", secret=SECRET, not_before=NOW + timedelta(seconds=1)),
}


def claims(**changed: Any) -> dict[str, Any]:
    body = {"iss": "https://shop.example", "aud": "web-shop", "sub": "maya-4711", "iat": NOW.timestamp()}
    body |= {"exp": (NOW + timedelta(hours=1)).timestamp()} | changed
    return {name: value for name, value in body.items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", kid: str = "shop", headers: Any = None, **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers={"kid": kid, **(headers or {})})


def by_hand(header: dict[str, Any], body: str, signature: bytes = b"") -> str:
    """A token that no library would make."""
    parts = [json.dumps(header).encode(), body.encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def verify(token: str, now: datetime = NOW) -> tokens.Login:
    return tokens.verify(token, audience="web-shop", issuer="https://shop.example", find_key=KEYS.get, now=now)


def refused(token: Any, now: datetime = NOW) -> str:
    with pytest.raises(tokens.TokenRefused) as caught:
        verify(token, now)
    return caught.value.code


@pytest.mark.parametrize(
    ("kid", "algorithm", "key"), [("shop", "HS256", SECRET), ("shop-rsa", "RS256", RSA), ("shop-ed", "EdDSA", EDWARDS)]
)
def test_a_token_of_each_algorithm_proves_its_subject(kid: str, algorithm: str, key: Any) -> None:
    login = verify(signed(key, algorithm, kid, name="Maya"))
    assert (login.subject, login.issuer, login.key.kid) == ("maya-4711", "https://shop.example", kid)
    assert login.expires_at == NOW + timedelta(hours=1)
    assert login.claims["name"] == "Maya"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_j1_an_unsigned_token_is_refused(alg: str) -> None:
    assert refused(by_hand({"alg": alg, "kid": "shop"}, json.dumps(claims()))) == "token_unsigned"


@pytest.mark.scenario("ID-53", "T-18")
def test_j2_a_public_key_is_no_shared_secret() -> None:
    header = {"alg": "HS256", "kid": "shop-rsa", "typ": "JWT"}
    first = by_hand(header, json.dumps(claims())).rpartition(".")[0]
    forged = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        first.encode(), public_pem(RSA).encode()
    )
    assert refused(by_hand(header, json.dumps(claims()), forged)) == "token_algorithm"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("name", ["exp", "iat", "sub", "aud", "iss"])
def test_j3_every_required_claim_is_required(name: str) -> None:
    assert refused(signed(**{name: None})) == "token_claim_missing"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("exp", [41_000_000_000, (NOW + timedelta(hours=24, seconds=1)).timestamp()])
def test_j4_a_token_may_not_live_longer_than_a_day(exp: float) -> None:
    assert refused(signed(exp=exp)) == "token_lifetime"


@pytest.mark.scenario("ID-53")
@pytest.mark.parametrize("exp", ['"never"', "true", "NaN", "Infinity", "[1]"])
def test_an_expiry_that_is_no_number_is_refused(exp: str) -> None:
    body = json.dumps(claims()).replace(str(claims()["exp"]), exp)
    header = {"alg": "HS256", "kid": "shop", "typ": "JWT"}
    first = by_hand(header, body).rpartition(".")[0]
    mac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(first.encode(), SECRET.encode())
    assert refused(by_hand(header, body, mac)) == "token_malformed"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("sub", ["", " ", "null", "undefined", "a\x00b", "a\nb", "x" * 256, " maya", "ma\u202eya"])
def test_j5_a_subject_that_names_nobody_is_refused(sub: str) -> None:
    assert refused(signed(sub=sub)) == "token_subject"


@pytest.mark.scenario("ID-53", "T-18")
def test_j6_a_foreign_audience_or_issuer_is_refused() -> None:
    assert refused(signed(aud="web-other")) == "token_audience"
    assert refused(signed(aud=["web-shop", "web-other"])) == "token_audience"
    assert refused(signed(iss="https://evil.example")) == "token_issuer"


@pytest.mark.scenario("ID-53", "T-18")
def test_j7_a_short_secret_is_no_key() -> None:
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = signed("secret", kid="short")
    assert refused(token) == "token_key"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1 --", "https://evil.example/jwks", "SHOP", "", "x" * 65])
def test_j8_a_kid_is_an_exact_name(kid: str) -> None:
    assert refused(signed(kid=kid)) == "token_key"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("name", ["jku", "x5u", "jwk"])
def test_j9_a_key_that_the_token_brings_is_not_read(name: str) -> None:
    evil = "another secret that is long enough as well"
    bait = {"kty": "oct", "k": base64.urlsafe_b64encode(evil.encode()).decode()}
    headers = {name: bait if name == "jwk" else "http://127.0.0.1:9/keys.json"}
    assert refused(signed(evil, headers=headers)) == "token_signature"
    assert verify(signed(headers=headers)).subject == "maya-4711"


@pytest.mark.scenario("ID-53", "T-19")
def test_j10_a_staff_token_is_no_customers_login() -> None:
    assert refused(signed(token_type="access")) == "token_type"
    assert refused(signed(headers={"typ": "at+jwt"})) == "token_type"


@pytest.mark.scenario("ID-53", "T-18")
def test_j11_a_changed_signature_is_refused() -> None:
    head, _, signature = signed().rpartition(".")
    turned = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")
    assert refused(f"{head}.{turned}") == "token_signature"
    assert refused(signed("another secret that is long enough as well")) == "token_signature"


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize("kid", ["revoked", "ended", "begins"])
def test_j12_a_key_that_is_not_in_force_verifies_nothing(kid: str) -> None:
    assert refused(signed(kid=kid)) == "token_key"


@pytest.mark.scenario("ID-55")
def test_a_clock_may_be_a_minute_off() -> None:
    ahead = signed(iat=(NOW + timedelta(seconds=50)).timestamp())
    assert verify(ahead).subject == "maya-4711"
    assert refused(signed(iat=(NOW + timedelta(seconds=90)).timestamp())) == "token_not_yet_valid"
    assert refused(signed(nbf=(NOW + timedelta(seconds=90)).timestamp())) == "token_not_yet_valid"
    assert verify(signed(), NOW + timedelta(minutes=60, seconds=50)).subject == "maya-4711"
    assert refused(signed(), NOW + timedelta(minutes=61)) == "token_expired"


@pytest.mark.scenario("T-18")
@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "x" * 9000, None, 7, {}])
def test_what_is_no_token_is_malformed(token: Any) -> None:
    assert refused(token) == "token_malformed"


def test_every_code_has_a_sentence_without_the_token() -> None:
    token = signed(aud="web-other")
    with pytest.raises(tokens.TokenRefused) as caught:
        verify(token)
    assert token not in str(caught.value) and caught.value.detail == tokens.CODES["token_audience"]


@pytest.mark.django_db
@pytest.mark.parametrize("kid", ["a\0b", "a\ud800b"])
def test_a_kid_that_no_key_can_have_is_refused(kid: str) -> None:
    from tests.channels_app import storefront

    storefront.open_shop()
    token = jwt.encode({"sub": "x"}, storefront.SECRET, algorithm="HS256", headers={"kid": kid})
    answer = storefront.Browser().post("visit", {"jwt": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_key")


@pytest.mark.django_db
def test_a_token_of_half_a_character_opens_a_new_visit() -> None:
    from tests.channels_app import storefront

    storefront.open_shop()
    answer = storefront.Browser().post("visit", '{"token": "\\ud800"}')
    assert answer.status_code < 500
