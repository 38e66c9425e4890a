"""Does an interaction really come from Discord? Ed25519 over the timestamp and the raw body, and not too old.

Discord signs wrongly on purpose to see whether we notice: whatever does not fit is `BadSignature`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from channels_app.adapters.base import Account, BadSignature, Request
from common import clock

SIGNATURE, TIMESTAMP = "x-signature-ed25519", "x-signature-timestamp"
TOLERANCE = 300.0  # seconds that the signed time may lie off ours


def signers(request: Request, accounts: Sequence[Account]) -> list[Account]:
    """The accounts whose application signed these very bytes just now, or `BadSignature`."""
    signature, timestamp = _signature(request), request.header(TIMESTAMP)
    _check_age(timestamp)
    signed = timestamp.encode() + request.body
    fits = {text: _fits(text, signature, signed) for text in {one.text("public_key") for one in accounts}}
    found = [account for account in accounts if fits[account.text("public_key")]]
    if not found:
        raise BadSignature("no application of this URL signed it")
    return found


def _signature(request: Request) -> bytes:
    try:
        return bytes.fromhex(request.header(SIGNATURE))
    except ValueError as error:
        raise BadSignature("the signature is not hexadecimal") from error


def _check_age(timestamp: str) -> None:
    """A recorded call is of no use to anybody after some minutes."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("no time was signed")
    if abs(clock.now().timestamp() - int(timestamp)) > TOLERANCE:
        raise BadSignature("the signed time is not now")


def _fits(public_key: str, signature: bytes, signed: bytes) -> bool:
    key = _key(public_key)
    if key is None:
        return False
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _key(text: str) -> Ed25519PublicKey | None:
    """The application's public key, None when what the operator typed is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text.strip()))
    except ValueError:
        return None
