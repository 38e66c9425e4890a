"""Which channels does the demo connect, and with which secrets? All derived from this installation's sandbox secret."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings

from channels_app.models import Channel, WidgetKey

WHATSAPP, WEB = "whatsapp-demo", "web-shop"
PHONE_NUMBER_ID, WABA_ID, APP = "106540352242922", "102290129340398", "demo"
ISSUER, KID = "https://demo-shop.example", "shop-2026"
KEYS = (WHATSAPP, WEB)


def secret(name: str, base: str = "") -> str:
    """A secret of the demo: 64 hexadecimal digits that only the installation with this sandbox secret has."""
    key = base or settings.SECRETS["SANDBOX_SECRET"]
    return hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest()


def seed() -> None:
    """WhatsApp on the built-in Graph API, and the shop's widget; addresses follow PUBLIC_URL at every start."""
    _channel(
        WHATSAPP,
        kind="whatsapp",
        title="Nordic Chairs",
        account=PHONE_NUMBER_ID,
        config={
            "app": APP,
            "base_url": f"{settings.PUBLIC_URL}/sandbox/graph",
            "version": "v25.0",
            "waba_id": WABA_ID,
            "portfolio_id": "demo-portfolio",
            "display_phone_number": "15550783881",
        },
        credentials={name: secret(name) for name in ("app_secret", "access_token", "verify_token")},
    )
    web = _channel(
        WEB,
        kind="web",
        title="Nordic Chairs shop",
        config={"issuer": ISSUER, "verifies_phone": True, "verifies_email": True, "team": "Nordic Chairs"},
        allowed_origins=[settings.PUBLIC_URL],
    )
    WidgetKey.objects.get_or_create(
        kid=KID, defaults={"channel": web, "algorithm": "HS256", "secret": secret("widget")}
    )


def _channel(key: str, **fields: Any) -> Channel:
    """The channel, made if need be; of an existing one only what depends on the address is brought up to date."""
    channel, is_new = Channel.objects.get_or_create(key=key, defaults=fields)
    if is_new:
        return channel
    config: dict[str, object] = fields["config"]
    moved = {name: config[name] for name in ("base_url",) if name in config}
    origins = fields.get("allowed_origins", channel.allowed_origins)
    if channel.config | moved != channel.config or origins != channel.allowed_origins:
        channel.config, channel.allowed_origins = channel.config | moved, origins
        channel.save(update_fields=["config", "allowed_origins"])
    return channel
