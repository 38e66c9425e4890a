"""Which customers have this identifier? Whole values or the last 8 digits of a phone; nothing else can be searched."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from common.crypto import blind_all
from customers import normalise
from customers.lookup import Digests
from customers.models import Customer, Identity
from customers.namespaces import Namespace
from customers.normalise import Key

# Identifiers that are found without saying whose number they are.
ANYWHERE = (Namespace.PHONE, Namespace.EMAIL, Namespace.TELEGRAM_USER, Namespace.DISCORD_USER)
TAIL = re.compile(r"\d{8}")


def by_identifier(text: str, *, namespace: str = "", scope: str = "") -> QuerySet[Customer]:
    """The roots whose cluster has the identifier; `namespace` and `scope` for those that need them (`site_user`)."""
    wanted = Q(pk__in=[])
    for name in [namespace] if namespace in list(Namespace) else ANYWHERE:
        found = normalise.key(name, text, scope=scope)
        if isinstance(found, Key):
            digests = Digests.of(found)
            wanted |= Q(namespace=found.namespace, scope=found.scope, key__in=digests.exact | digests.others)
    if TAIL.fullmatch(text.strip()):
        wanted |= Q(phone_tail__in=blind_all("phone_tail", value=text.strip()))
    roots = Identity.objects.live().filter(wanted).values("customer__root_id")
    return Customer.objects.roots().kept().filter(pk__in=roots)
