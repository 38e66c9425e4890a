"""Which conversations does a search mean? By phone (or its last 8 digits), e-mail, account or whole name."""

from __future__ import annotations

import re

from django.db.models import Q

from common.crypto import blind_all
from customers import finding, sources
from customers.models import Attribute, Customer, Identity
from customers.namespaces import Namespace

SCOPED = (Namespace.SITE_USER, Namespace.CUSTOMER_NUMBER, Namespace.EMAIL_FROM)
TAIL = 8  # digits of a phone that are enough


def condition(text: str) -> Q:
    """A condition on conversations: those of the persons that the text names; of nobody if it names none."""
    return Q(customer__root__in=Customer.objects.roots().filter(people(text)))


def people(text: str) -> Q:
    """The same on customers: the roots that the text names."""
    wanted = Q(pk__in=finding.by_identifier(text))
    digits = re.sub(r"\D", "", text)
    if len(digits) >= TAIL:
        wanted |= Q(pk__in=finding.by_identifier(digits[-TAIL:]))
    # Accounts are unique inside a site only, so every site is asked; there are as many as web channels.
    for namespace, scope in Identity.objects.filter(namespace__in=SCOPED).values_list("namespace", "scope").distinct():
        wanted |= Q(pk__in=finding.by_identifier(text, namespace=namespace, scope=scope))
    if name := sources.name_key(text):
        named = Attribute.objects.filter(key="name", match_key__in=blind_all("name", value=name))
        wanted |= Q(pk__in=named.values("root"))
    return wanted
