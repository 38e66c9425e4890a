"""Who plays in the self-test? A customer with a phone and a browser, a stranger, an agent; new ones each time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import jwt

from common import clock
from config.demo import PASSWORD, channels
from config.selftest.browser import Browser
from config.selftest.desk import Desk
from config.selftest.phone import Phone

Actor = TypeVar("Actor", Phone, Browser, Desk)
# Numbers that are kept free for fiction: 555-0100 to 555-0199 in any area.
AREAS = (202, 212, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 801, 808, 901, 907)
AGENT = "ana"


def fictional_number() -> str:
    """Digits of a phone that nobody has."""
    return f"1{secrets.choice(AREAS)}55501{secrets.randbelow(100):02d}"


@dataclass
class Cast:
    """The actors of one play; `leave` closes what they opened."""

    base_url: str
    widget_secret: str
    number: str = field(default_factory=fictional_number)
    user: str = field(default_factory=lambda: f"selftest-{secrets.token_hex(6)}")
    name: str = field(default_factory=lambda: f"Vera {secrets.token_hex(3)}")
    present: list[Phone | Browser | Desk] = field(default_factory=list)

    def phone(self) -> Phone:
        """The customer's phone."""
        return self._enter(Phone(self.base_url, self.number))

    def browser(self, login: str = "") -> Browser:
        """A browser on the shop's page, logged in with a JWT or a stranger's."""
        return self._enter(Browser(self.base_url, channels.WEB, login))

    def desk(self) -> Desk:
        """The agent opens the inbox."""
        return self._enter(Desk(self.base_url, AGENT, PASSWORD))

    def login(self) -> str:
        """What the shop signs for its logged-in customer: who it is, and the phone that it has verified."""
        now = clock.now()
        claims: dict[str, object] = {"iss": channels.ISSUER, "aud": channels.WEB, "sub": self.user, "name": self.name}
        claims |= {"phone": f"+{self.number}", "phone_verified": True}
        times = {"iat": int(now.timestamp()), "exp": int((now + timedelta(minutes=10)).timestamp())}
        return jwt.encode({**claims, **times}, self.widget_secret, "HS256", headers={"kid": channels.KID})

    def leave(self) -> None:
        """Closes every connection."""
        for actor in self.present:
            actor.close()

    def _enter(self, actor: Actor) -> Actor:
        self.present.append(actor)
        return actor
