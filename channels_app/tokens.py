"""Did the customer's own site sign this login? The checks J1 to J12 that a JWT library leaves to its caller.

TokenRefused
+-- its `code` is one of CODES, and never changes; the token itself is in no message
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from jwt.types import Options

from channels_app.models import WidgetKey
from common.problems import Problem
from customers import normalise

LATEST = 1e12  # seconds: what is further away is no time
LEEWAY = timedelta(seconds=60)
LONGEST_LIFE = timedelta(hours=24)
LONGEST_TOKEN = 8192  # characters
REQUIRED = ["exp", "iat", "sub", "aud", "iss"]

CODES = {
    "token_malformed": "This is not a signed JWT.",
    "token_unsigned": "An unsigned token proves nothing.",
    "token_algorithm": "The token is not signed with the algorithm of its key.",
    "token_key": "No live key of this widget has the token's `kid`.",
    "token_signature": "The signature does not fit the key.",
    "token_claim_missing": "The token needs exp, iat, sub, aud and iss.",
    "token_expired": "The token has expired.",
    "token_not_yet_valid": "The token is not valid yet; check the clock that issued it.",
    "token_lifetime": "A token may live for 24 hours at most.",
    "token_audience": "The token is meant for another widget (`aud`).",
    "token_issuer": "The token comes from another issuer (`iss`).",
    "token_subject": "`sub` must be 1 to 255 plain characters and name one user.",
    "token_type": "This kind of token is not a customer's login.",
    "token_spent": "This token was redeemed by another browser (`jti`).",
}


class TokenRefused(Problem):
    """A token that proves nothing; `code` says why, the same for ever."""

    title = "The token was refused."
    status = 401

    def __init__(self, code: str) -> None:
        super().__init__(CODES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Login:
    """What a token proved: the user of the site, until when, and what else the site says about them."""

    key: WidgetKey
    issuer: str
    subject: str
    expires_at: datetime
    token_id: str
    claims: dict[str, Any]


def verify(
    token: str, *, audience: str, issuer: str, find_key: Callable[[str], WidgetKey | None], now: datetime
) -> Login:
    """The login that a token proves at `now`, or `TokenRefused`; `find_key` knows this widget's keys by exact `kid`.

    Whatever else the header carries (`jku`, `x5u`, `jwk`) is not read.
    """
    key = _key(token, find_key, now)
    claims = _claims(token, key, audience=audience, issuer=issuer)
    expires_at = _lifetime(claims, now)
    if "token_type" in claims:
        raise TokenRefused("token_type")
    token_id = claims.get("jti", "")
    return Login(
        key=key,
        issuer=issuer,
        subject=_subject(claims["sub"]),
        expires_at=expires_at,
        token_id=token_id if isinstance(token_id, str) else "",
        claims=claims,
    )


def is_live(key: WidgetKey, now: datetime) -> bool:
    """Is the key in force: begun, not ended, not revoked?"""
    begun = key.not_before is None or key.not_before <= now
    ended = key.not_after is not None and key.not_after <= now
    return begun and not ended and key.revoked_at is None


def _key(token: str, find_key: Callable[[str], WidgetKey | None], now: datetime) -> WidgetKey:
    """The one key that the header names; the algorithm is the key's, never the token's choice."""
    if not isinstance(token, str) or len(token) > LONGEST_TOKEN or not token.isascii():
        raise TokenRefused("token_malformed")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, RecursionError) as error:
        raise TokenRefused("token_malformed") from error
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() in ("none", ""):
        raise TokenRefused("token_unsigned")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise TokenRefused("token_type")
    kid = header.get("kid")
    key = find_key(kid) if isinstance(kid, str) and 0 < len(kid) <= 64 and kid.isprintable() else None
    if key is None or not is_live(key, now):
        raise TokenRefused("token_key")
    if algorithm != key.algorithm:
        raise TokenRefused("token_algorithm")
    return key


def _claims(token: str, key: WidgetKey, *, audience: str, issuer: str) -> dict[str, Any]:
    """The signed claims; times are judged by `_lifetime`, with our clock."""
    checks: Options = {"require": REQUIRED, "strict_aud": True, "enforce_minimum_key_length": True}
    checks |= {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        return jwt.decode(
            token, key.secret, algorithms=[key.algorithm], audience=audience, issuer=issuer, options=checks
        )
    except jwt.MissingRequiredClaimError as error:
        raise TokenRefused("token_claim_missing") from error
    except jwt.InvalidAudienceError as error:
        raise TokenRefused("token_audience") from error
    except jwt.InvalidIssuerError as error:
        raise TokenRefused("token_issuer") from error
    except jwt.exceptions.InvalidSubjectError as error:
        raise TokenRefused("token_subject") from error
    except jwt.InvalidKeyError as error:
        raise TokenRefused("token_key") from error
    except jwt.InvalidSignatureError as error:
        raise TokenRefused("token_signature") from error
    except (jwt.PyJWTError, RecursionError) as error:
        raise TokenRefused("token_malformed") from error


def _lifetime(claims: dict[str, Any], now: datetime) -> datetime:
    """When it expires, after every rule about time, with a minute's leeway for clocks that differ."""
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if not all(_is_moment(value) for value in times.values()):
        raise TokenRefused("token_malformed")
    moment, leeway = now.timestamp(), LEEWAY.total_seconds()
    if times["exp"] - times["iat"] > LONGEST_LIFE.total_seconds() or times["exp"] <= times["iat"]:
        raise TokenRefused("token_lifetime")
    if moment >= times["exp"] + leeway:
        raise TokenRefused("token_expired")
    if max(times["iat"], times.get("nbf", 0)) > moment + leeway:
        raise TokenRefused("token_not_yet_valid")
    return datetime.fromtimestamp(times["exp"], tz=now.tzinfo)


def _is_moment(value: object) -> bool:
    """JSON as Python reads it knows NaN, of which no comparison holds, and integers that are larger than any float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LATEST


def _subject(subject: object) -> str:
    """A user's id as it was signed; what programs write for "nobody" is nobody."""
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or subject != subject.strip():
        raise TokenRefused("token_subject")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in subject):
        raise TokenRefused("token_subject")
    if normalise.is_blocked(subject):
        raise TokenRefused("token_subject")
    return subject
