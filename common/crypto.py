"""How is personal text sealed, and how is it found again without being readable?

CryptoError
+-- BadKey        a configured key is unusable
+-- Unreadable    a stored value is not ours, was moved or changed, or its key is gone
"""

from __future__ import annotations

import binascii
import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

NONCE = 12
SEPARATOR = "\x1f"
Halves = tuple["hashlib._Hash", "hashlib._Hash"]


class CryptoError(Exception):
    """A key or a sealed value cannot be used."""


class BadKey(CryptoError):
    """A configured key is not 32 bytes of URL-safe base64; the message names the setting."""


class Unreadable(CryptoError):
    """A stored value cannot be opened for this table, column and row; it is never given back as it is."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key that seals, and every key that still opens."""

    kid: str
    primary: AESGCM
    readable: dict[str, AESGCM]


def seal(text: str, *, table: str, column: str, row: UUID) -> str:
    """`v1.<kid>.<base64 nonce and ciphertext>`, bound to this table, column and row."""
    ring = keyring()
    nonce = os.urandom(NONCE)
    sealed = nonce + ring.primary.encrypt(nonce, text.encode(), _bound_to(table, column, row))
    return f"v1.{ring.kid}.{binascii.b2a_base64(sealed, newline=False).decode()}"


def unseal(stored: str, *, table: str, column: str, row: UUID) -> str:
    """The text that was sealed for exactly this table, column and row, else `Unreadable`."""
    version, _, rest = stored.partition(".")
    kid, _, body = rest.partition(".")
    if version != "v1" or not body:
        raise Unreadable(f"{table}.{column} of {row} does not hold a sealed value")
    key = keyring().readable.get(kid)
    if key is None:
        raise Unreadable(f"{table}.{column} of {row} was sealed with key {kid!r}, which is not configured")
    try:
        sealed = binascii.a2b_base64(body, strict_mode=True)
        return key.decrypt(sealed[:NONCE], sealed[NONCE:], _bound_to(table, column, row)).decode()
    except (InvalidTag, ValueError) as error:
        raise Unreadable(f"{table}.{column} of {row} was moved or changed") from error


def blind(*namespace: str, value: str, version: int | None = None) -> str:
    """The digest under which `value` is stored and found; equal only inside one namespace and key version."""
    current, keys = _blind_keys()
    begun, ended = keys[version or current]
    inner, outer = begun.copy(), ended.copy()
    inner.update(SEPARATOR.join((*namespace, value)).encode())
    outer.update(inner.digest())
    return urlsafe_b64encode(outer.digest()).rstrip(b"=").decode()


def blind_all(*namespace: str, value: str) -> list[str]:
    """The digests of `value` under every live key version, the newest first: what a lookup compares with."""
    return [blind(*namespace, value=value, version=version) for version in sorted(_blind_keys()[1], reverse=True)]


def blind_version() -> int:
    """The key version that new digests are made with."""
    return _blind_keys()[0]


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """The keys of `FIELD_KEY` (seals) and `FIELD_KEYS_OLD` (only open)."""
    keys = [_key("FIELD_KEY", settings.SECRETS["FIELD_KEY"])]
    keys += [_key("FIELD_KEYS_OLD", text) for text in getattr(settings, "FIELD_KEYS_OLD", ())]
    ciphers = {_kid(key): AESGCM(key) for key in keys}
    kid = _kid(keys[0])
    return Keyring(kid=kid, primary=ciphers[kid], readable=ciphers)


def _kid(key: bytes) -> str:
    """A name for the key that says nothing about it."""
    return hashlib.sha256(b"throughline field key id" + key).hexdigest()[:8]


def _bound_to(table: str, column: str, row: UUID) -> bytes:
    return f"{table}|{column}|".encode() + row.bytes


@lru_cache(maxsize=1)
def _blind_keys() -> tuple[int, dict[int, Halves]]:
    """The version in force and every key by its version."""
    version = int(getattr(settings, "BLIND_INDEX_VERSION", 1))
    old: dict[int, str] = getattr(settings, "BLIND_INDEX_KEYS_OLD", {})
    keys = {number: _key("BLIND_INDEX_KEYS_OLD", text) for number, text in old.items()}
    keys[version] = _key("BLIND_INDEX_KEY", settings.SECRETS["BLIND_INDEX_KEY"])
    return version, {number: _halves(key) for number, key in keys.items()}


def _halves(key: bytes) -> Halves:
    """HMAC-SHA256 (RFC 2104) up to where the message begins: copying both is three times as fast as beginning anew."""
    whole = key.ljust(64, b"\0")
    return hashlib.sha256(bytes(one ^ 0x36 for one in whole)), hashlib.sha256(bytes(one ^ 0x5C for one in whole))


@receiver(setting_changed)
def _forget(*, setting: str, **_: object) -> None:
    """Keys are read once; a test that changes them is heard."""
    if setting == "SECRETS" or setting.startswith(("FIELD_KEY", "BLIND_INDEX")):
        keyring.cache_clear()
        _blind_keys.cache_clear()


def _key(setting: str, text: str) -> bytes:
    try:
        key = urlsafe_b64decode(text)
    except ValueError as error:
        raise BadKey(f"{setting}: expected URL-safe base64") from error
    if len(key) != 32:
        raise BadKey(f"{setting}: expected 32 bytes, not {len(key)}")
    return key
