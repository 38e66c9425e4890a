"""How do widget tests play the shop and its browsers? One channel with one key, signed logins, a page's HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
from django.test import Client

from channels_app import limits
from channels_app.models import Channel, WidgetKey
from common import clock

KEY, KID = "web-shop", "shop-2026"
ORIGIN, ISSUER = "https://shop.example", "https://demo-shop.example"
SECRET = "the secret of the demo shop, long enough"
MAYA = {"sub": "maya-4711", "name": "Maya Lindqvist", "phone": "+46701740635", "phone_verified": True}
TOM = {"sub": "tom-0815", "name": "Tom Berger"}


def open_shop(**config: Any) -> Channel:
    """The shop's channel and its key; the limits of the process begin anew."""
    limits.MESSAGES.forget()
    limits.VISITS.forget()
    limits.UPLOADS.forget()
    limits.UPLOADS_OF_ADDRESS.forget()
    settings = {"issuer": ISSUER, "verifies_phone": True, "verifies_email": True, "team": "Nordic Chairs"} | config
    channel = Channel.objects.create(key=KEY, kind="web", title="Shop", config=settings, allowed_origins=[ORIGIN])
    WidgetKey.objects.create(channel=channel, kid=KID, secret=SECRET)
    return channel


def login(**changed: Any) -> str:
    """A JWT as the shop signs it, for Maya unless told otherwise; None removes a claim."""
    now = clock.now()
    claims = {"iss": ISSUER, "aud": KEY, "iat": now, "exp": now + timedelta(minutes=10), **MAYA, **changed}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, SECRET, algorithm="HS256", headers={"kid": KID})


class Browser:
    """A page's HTTP: it remembers its token, as the widget does."""

    def __init__(self, origin: str | None = ORIGIN, token: str = "") -> None:
        self.client, self.origin, self.token = Client(), origin, token

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """One call; the answer's JSON is in `.json()`."""
        return self.client.post(
            f"/widget/{KEY}/{path}", body or {}, content_type="application/json", headers=self.headers(headers)
        )

    def get(self, path: str) -> Any:
        return self.client.get(f"/widget/{KEY}/{path}", headers=self.headers({}))

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        origin = {"Origin": self.origin} if self.origin else {}
        return {**origin, **({"Authorization": f"Bearer {self.token}"} if self.token else {}), **more}

    def visit(self, **body: str) -> dict[str, Any]:
        """Opens a visit, or comes back to it."""
        found: dict[str, Any] = self.post("visit", {"token": self.token, **body}).json()
        self.token = found.get("token", self.token)
        return found

    def say(self, text: str, **headers: str) -> Any:
        return self.post("messages", {"type": "message", "id": str(uuid4()), "text": text}, **headers)
