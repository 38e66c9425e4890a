"""With which key does the pretended Discord sign? One key of this installation; channels are told its public half."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels_app.sandbox import kit
from common import clock

SIGNATURE, TIMESTAMP = "X-Signature-Ed25519", "X-Signature-Timestamp"


def public_key() -> str:
    """What the application's page shows as its public key."""
    return _key().public_key().public_bytes_raw().hex()


def headers(body: bytes, *, is_forged: bool = False) -> dict[str, str]:
    """The headers of a call; forged ones are what Discord sends to see whether we look."""
    timestamp = str(int(clock.now().timestamp()))
    signature = _key().sign(timestamp.encode() + body + (b" " if is_forged else b""))
    return {
        "Content-Type": "application/json",
        SIGNATURE: signature.hex(),
        TIMESTAMP: timestamp,
        "User-Agent": "Discord-Interactions/1.0 (+https://discord.com)",
    }


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kit.secret("discord signing key")))
