"""Who knocks at the API in the abuse tests, and where? Every role, and every route that the URLconf has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.urls import URLPattern, get_resolver
from rest_framework.test import APIClient

from common import clock
from config.throttling import Shared, client
from conversations.answers import articles
from conversations.models import Conversation
from customers.models import Conflict, Link, MatchSuggestion
from handover.models import Agent, CannedReply, Macro, Reservation, SavedView
from tests import factories as make
from tests.channels_app import storefront

ROLES = ("anonymous", "staff", "clerk", "foreigner", "agent", "supervisor", "admin")
SYSTEMS = {"engine": "add_enginemark", "crm": "assert_customer"}  # accounts with that right and no other
NOBODY = ("customer", "ended", "retired")  # a token of the widget; a deactivated account; a deactivated desk
ROOT = "/api/v1/"
# Where it is no matter who asks: what is shown there is a signature, a password or a token.
FOR_ANYBODY = ("POST tasks/<uuid:public_id>/events", "POST token/", "POST token/refresh/")


class Desk:
    """A conversation that waits in sales, and one client for each role; `who["agent"]` works in sales."""

    def __init__(self) -> None:
        begin_anew()
        self.sales, self.support = make.queue("sales"), make.queue("support")
        self.ana = make.agent("Ana Sousa", queues=(self.sales,))
        self.ben = make.agent("Ben Okafor", queues=(self.support,))
        self.chloe = make.agent("Chloe Martin", supervises=(self.sales,))
        self.admin = User.objects.create_superuser("admin")
        self.staff = User.objects.create_user("staff", is_staff=True)
        self.clerk = User.objects.create_user("clerk", is_staff=True)
        self.clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_customer", "change_customer"]))
        self.waiting: Conversation = make.waiting_in(self.sales)
        self.journey = "greet"
        self.known = self._known()

    def _known(self) -> dict[str, UUID]:
        """A link, a suggestion, a conflict and an article: the public id of each; of a task any at all."""
        person = self.waiting.customer
        first, second = make.customer(), make.customer()
        link = Link.objects.create(a=first, b=second, kind="manual", rule="test", decided_by="user:1")
        suggestion = MatchSuggestion.objects.create(a=person, b=first, score=0.5)
        conflict = Conflict.objects.create(customer=person, kind="tie", subject="name")
        words = {"key": "delivery", "language": "en", "title": "Delivery", "body": "Three days."}
        article = articles.save(article=None, values=words)
        now = clock.now()
        offer = Reservation.objects.create(
            conversation=self.waiting, agent=self.ana, epoch=self.waiting.owner_epoch, offered_at=now,
            expires_at=now + timedelta(seconds=45),
        )  # fmt: skip
        ready = CannedReply.objects.create(shortcut="hi", title="Hi", text="Hi", queue=self.sales)
        macro = Macro.objects.create(title="Close", actions=[{"do": "close"}], queue=self.sales)
        return {
            "canned-replies": ready.public_id,
            "reservations": offer.public_id,
            "macros": macro.public_id,
            "views": SavedView.objects.create(title="Tickets", filters={"mode": "ticket"}, queue=self.sales).public_id,
            "links": link.public_id,
            "suggestions": suggestion.public_id,
            "conflicts": conflict.public_id,
            "articles": article.public_id,
            "tasks": uuid4(),
        }

    def client(self, role: str) -> APIClient:
        """A browser with that role's session; CSRF is not the question here."""
        client = APIClient(raise_request_exception=False)
        users = {
            "staff": self.staff,
            "clerk": self.clerk,
            "foreigner": self.ben.user,
            "agent": self.ana.user,
            "supervisor": self.chloe.user,
            "admin": self.admin,
        }
        if role in SYSTEMS:
            users[role] = User.objects.get_or_create(username=role)[0]
            users[role].user_permissions.set(Permission.objects.filter(codename=SYSTEMS[role]))
        if role in users:
            client.force_login(users[role])
        elif role in NOBODY:
            self._as_nobody(client, role)
        return client

    def _as_nobody(self, client: APIClient, role: str) -> None:
        """Whoever has a token or a session, and nothing to do here (any more)."""
        if role == "customer":
            storefront.open_shop()
            token = storefront.Browser().visit(jwt=storefront.login())["token"]
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
            return
        client.force_login(self.chloe.user)
        User.objects.filter(pk=self.chloe.user_id).update(is_active=role != "ended")
        Agent.objects.filter(pk=self.chloe.pk).update(is_active=role != "retired")

    def address(self, route: str, public_id: object = None) -> str:
        """The URL of a route, with a real id unless another is given."""
        ids = {"conversations": self.waiting.public_id, "customers": self.waiting.customer.public_id, **self.known}
        wanted = public_id or ids.get(route.split("/")[0], "")
        named = {"<uuid:public_id>": wanted, "<str:key>": self.journey, "<int:number>": 1, "<slug:key>": "sales"}
        for place, value in {**named, "<str:login>": "ana"}.items():
            route = route.replace(place, str(value))
        return ROOT + route

    def call(self, role: str, endpoint: str, body: Any = None, **where: Any) -> Any:
        """`GET conversations/` as a role; a POST has an Idempotency-Key."""
        method, route = endpoint.split()
        headers = {"Idempotency-Key": f"key-{role}"}
        send = getattr(self.client(role), method.lower())
        return send(self.address(route, **where), body, format="json", headers=headers)


def begin_anew() -> None:
    """Every limit of the API is unused, nobody has read anything, and the window does not end while a test counts."""
    if (left := 60 - time.time() % 60) < 5:
        time.sleep(left)
    cache.clear()
    Shared.away_until = 0.0
    for kept in ("throttle", "reads"):
        for key in client().scan_iter(f"{settings.HUB_CHANNEL}:{kept}:*"):
            client().delete(key)


def endpoints() -> list[str]:
    """`METHOD route` of everything below /api/v1/, read from the URLconf."""
    found = set()
    for route, pattern in _patterns(get_resolver().url_patterns):
        if f"/{route}".startswith(ROOT):
            found |= {f"{method.upper()} {route.removeprefix(ROOT[1:])}" for method in _methods(pattern.callback)}
    return sorted(found)


def _patterns(patterns: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern
        else:
            yield from _patterns(pattern.url_patterns, route)


def _methods(view: Any) -> list[str]:
    if actions := getattr(view, "actions", None):
        return [name for name in actions if name != "head" and name in view.cls.http_method_names]
    return [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view.cls, name)]
