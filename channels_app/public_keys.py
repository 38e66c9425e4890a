"""Which public keys may sign a customer's login? RSA of 2048 bits or more, and Ed25519; as PEM, or out of a JWKS. Pure.

Unfit   a key that is not taken; the text says why
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from common import plain_json

SMALLEST_RSA = 2048  # bits (RFC 7518, 3.3)
LONGEST_KID = 64
LONGEST_KEY = 8192  # characters of one JWK: a modulus of 16,384 bits has 2,731
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
NAMES = {"RSA": {"RS256": "RS256"}, "OKP": {"EdDSA": "EdDSA", "Ed25519": "EdDSA"}}


class Unfit(Exception):
    """Not a key that we would believe."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of a site: `algorithm` is the only one that it may be used with."""

    kid: str
    algorithm: str
    pem: str


def of_set(text: str, *, most: int) -> list[PublicKey]:
    """The usable keys of a JWKS, the first of each `kid`; `Unfit` if it is no JWKS at all.

    What we do not take (encryption keys, shared secrets, other curves, short ones) is left out: a site may publish it.
    """
    try:
        data = json.loads(text, parse_int=plain_json.whole)
    except (ValueError, RecursionError) as error:
        raise Unfit("this is not JSON") from error
    listed = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise Unfit("it has no list of keys")
    found: dict[str, PublicKey] = {}
    for one in listed:
        try:
            key = of_jwk(one)
        except Unfit:
            continue
        found.setdefault(key.kid, key)
        if len(found) == most:
            break
    return list(found.values())


def of_jwk(data: Any) -> PublicKey:
    """One key of a JWKS, or `Unfit`. A shared secret is never taken: whoever reads the page could sign with it."""
    if not isinstance(data, Mapping) or len(json.dumps(data)) > LONGEST_KEY:
        raise Unfit("this is no key")
    kid, kind, named = data.get("kid"), data.get("kty"), data.get("alg")
    if not isinstance(kid, str) or not 1 <= len(kid) <= LONGEST_KID:
        raise Unfit("it has no usable `kid`")
    if not isinstance(kind, str) or kind not in NAMES:
        raise Unfit("only RSA and OKP keys are taken")
    if named is not None and named not in NAMES[kind]:
        raise Unfit("its `alg` is not RS256 or EdDSA")
    if data.get("use", "sig") != "sig" or "verify" not in (data.get("key_ops") or ["verify"]):
        raise Unfit("it is not for signatures")
    if any(part in data for part in PRIVATE):
        raise Unfit("it has a private part")
    algorithm = NAMES[kind].get(str(named), next(iter(NAMES[kind])))
    try:
        reader = RSAAlgorithm if kind == "RSA" else OKPAlgorithm
        pem = _pem(reader.from_jwk(json.dumps(dict(data))))
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, UnsupportedAlgorithm) as error:
        raise Unfit("its numbers are not a key") from error
    if said := trouble(algorithm, pem):
        raise Unfit(said)
    return PublicKey(kid, algorithm, pem)


def trouble(algorithm: str, pem: str) -> str:
    """Why a public key in PEM cannot be used with this algorithm, '' if it can."""
    if "PRIVATE KEY" in pem:
        return "This is a private key: keep it, and give us the public one."
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "This algorithm needs a public key in PEM."
    if algorithm == "EdDSA":
        return "" if isinstance(key, ed25519.Ed25519PublicKey) else "EdDSA needs an Ed25519 key."
    if not isinstance(key, rsa.RSAPublicKey):
        return "RS256 needs an RSA key."
    if key.key_size < SMALLEST_RSA or key.public_numbers().e < 3:
        return f"An RSA key needs at least {SMALLEST_RSA} bits."
    return ""


def _pem(key: Any) -> str:
    if not isinstance(key, rsa.RSAPublicKey | ed25519.Ed25519PublicKey):
        raise ValueError("not a public key of a kind that is taken")
    public = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode()
