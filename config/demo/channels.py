"""Which channels does the demo connect, and with which secrets? All derived from this installation's sandbox secret."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from channels_app.models import Channel, WidgetKey
from channels_app.sandbox import emulators
from channels_app.sandbox.kit import secret
from channels_app.sandbox.whatsapp_emulator import PHONE_NUMBER_ID, WABA_ID

__all__ = ["ISSUER", "KEYS", "KID", "PHONE_NUMBER_ID", "WABA_ID", "WEB", "WHATSAPP", "account", "secret", "seed"]

WHATSAPP, WEB = "whatsapp-demo", "web-shop"
ISSUER, KID = "https://demo-shop.example", "shop-2026"
KEYS = (WEB, *(f"{kind}-demo" for kind in emulators.kinds()))
MOVING = ("base_url", "link_url", "webhook_url", "site_url")  # what follows PUBLIC_URL in a channel's config


def seed() -> None:
    """A channel for every pretended provider, and the shop's widget; addresses follow PUBLIC_URL at every start."""
    for kind in emulators.kinds():
        if emulator := emulators.find(kind):
            fields = emulators.demo_fields(emulator)
            _channel(fields.pop("key"), **fields)
    site = {"site_url": f"{settings.PUBLIC_URL.rstrip('/')}/demo/shop/"}
    web = _channel(
        WEB,
        kind="web",
        title="Nordic Chairs shop",
        config={"issuer": ISSUER, "verifies_phone": True, "verifies_email": True, "team": "Nordic Chairs", **site},
        allowed_origins=[settings.PUBLIC_URL],
    )
    WidgetKey.objects.get_or_create(
        kid=KID, defaults={"channel": web, "algorithm": "HS256", "secret": secret("widget")}
    )


def account(kind: str) -> str:
    """What the pretended provider of this kind calls the demo's account."""
    emulator = emulators.find(kind)
    return emulator.demo().account if emulator else ""


def _channel(key: str, **fields: Any) -> Channel:
    """The channel, made if need be; of an existing one only what depends on the address is brought up to date."""
    channel, is_new = Channel.objects.get_or_create(key=key, defaults=fields)
    if is_new:
        return channel
    config: dict[str, object] = fields["config"]
    moved = {name: config[name] for name in MOVING if name in config}
    origins = fields.get("allowed_origins", channel.allowed_origins)
    if channel.config | moved != channel.config or origins != channel.allowed_origins:
        channel.config, channel.allowed_origins = channel.config | moved, origins
        channel.save(update_fields=["config", "allowed_origins"])
    return channel
