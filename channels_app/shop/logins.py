"""Who may be logged in at the demo shop, and how does the shop say so? It signs a JWT, as any customer's site would."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import jwt

from channels_app.models import Channel, WidgetKey
from common import clock

CHANNEL = "web-shop"
LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Shopper:
    """A user of the shop; what the shop has verified itself (a code by SMS, a link by mail) it vouches for."""

    key: str
    user_id: str
    name: str
    email: str
    phone: str = ""

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


SHOPPERS = {
    "maya": Shopper("maya", "maya-4711", "Maya Lindqvist", "maya@example.com", "+46 70 174 06 35"),
    "tom": Shopper("tom", "tom-0815", "Tom Berger", "tom@example.com"),
}


def sign(shopper: Shopper) -> str:
    """A login of ten minutes for the widget, signed with the newest live key of the shop's channel."""
    channel = Channel.objects.get(key=CHANNEL)
    key = WidgetKey.objects.filter(channel=channel, algorithm="HS256", revoked_at__isnull=True).latest("pk")
    now = clock.now()
    claims = {
        "iss": channel.config["issuer"],
        "aud": channel.key,
        "sub": shopper.user_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFE).timestamp()),
        "name": shopper.name,
        "email": shopper.email,
        "email_verified": True,
    }
    if shopper.phone:
        claims |= {"phone": shopper.phone, "phone_verified": True}
    return jwt.encode(claims, key.secret, algorithm=key.algorithm, headers={"kid": key.kid})
