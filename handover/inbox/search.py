"""Which conversations does a search mean? By telephone number, e-mail, account or exact name, all found by blind key."""

from __future__ import annotations

from django.db.models import Q

from common.crypto import blind_all
from customers import normalise
from customers.models import Identity
from customers.normalise import Key

NAMESPACES = ("phone", "email", "email_from", "site_user", "customer_number")


def condition(text: str) -> Q:
    """A condition on conversations: those of persons who have this address; nothing matches an unusable text."""
    asked = Q(pk__in=[])
    for namespace in NAMESPACES:
        key = normalise.key(namespace, text)
        if isinstance(key, Key) and key.matches:
            asked |= _addresses(key)
    roots = Identity.objects.filter(asked).values("customer__root_id")
    return Q(customer__root_id__in=roots)


def _addresses(key: Key) -> Q:
    """The scope is part of the digest, so every scope in use is tried; there are as many as channels."""
    scopes = Identity.objects.filter(namespace=key.namespace).values_list("scope", flat=True).distinct()
    found = Q(pk__in=[])
    for scope in scopes:
        digests = [d for value in normalise.variants(key) for d in blind_all(key.namespace, scope, value=value)]
        found |= Q(namespace=key.namespace, scope=scope, key__in=digests)
    return found
