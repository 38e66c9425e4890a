"""Which customers does a text mean? Whole values, a phone's last 8 digits, words of a name; of nothing else a part."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from common.crypto import blind_all
from customers import normalise, sources
from customers.lookup import Digests
from customers.models import Attribute, Customer, Identity
from customers.namespaces import SCOPED, Namespace
from customers.normalise import Key

# Identifiers that are found without saying whose number they are.
ANYWHERE = (Namespace.PHONE, Namespace.EMAIL, Namespace.TELEGRAM_USER, Namespace.DISCORD_USER)
# Accounts that are unique inside a site only, so every site is asked; there are as many as web channels. From one to
# the next by its index: of a million accounts, a few are read.
HELD = f"""valid_to IS NULL AND namespace IN ({", ".join(f"'{name}'" for name in SCOPED)})"""
SCOPES = f"""
WITH RECURSIVE s AS (
    (SELECT namespace, scope FROM customers_identity WHERE {HELD} ORDER BY namespace, scope LIMIT 1)
    UNION ALL
    SELECT n.namespace, n.scope FROM s CROSS JOIN LATERAL (
        SELECT namespace, scope FROM customers_identity WHERE {HELD} AND (namespace, scope) > (s.namespace, s.scope)
        ORDER BY namespace, scope LIMIT 1
    ) n
) SELECT namespace, scope FROM s
"""
TAIL_DIGITS = 8  # of a phone that are enough
TAIL = re.compile(r"\d{8}")
MOST = 500  # whom one value may mean
Newest = QuerySet[Any, int]
Finder = Callable[[str, Newest | None], list[int]]
_by_words: list[Finder] = []


def tell_named(finder: Finder) -> None:
    """`finder(text, newest)` knows the roots that have these words in their name; a higher app keeps the words."""
    _by_words[:] = [finder]


def people(text: str, newest: Newest | None = None) -> Q:
    """The same as a condition on customers."""
    return Q(pk__in=roots(text, newest))


def roots(text: str, newest: Newest | None = None) -> set[int]:
    """The roots whom the text names, by identifier, last 8 digits or words of a name; not those who are erased.

    Words that too many have in their names are looked for among the `newest` root ids (else those seen last). Each
    part is asked by its own index; together they would read every customer.
    """
    found = {root for finder in _by_words for root in finder(text, newest)}
    whole, *others = _whole(text)
    return found | set(whole.union(*others)[:MOST])


def _whole(text: str) -> list[Newest]:
    """The roots of a whole value or name, one statement for each way to read the text."""
    wanted = [by_identifier(text)]
    digits = re.sub(r"\D", "", text)
    if len(digits) >= TAIL_DIGITS:
        wanted.append(by_identifier(digits[-TAIL_DIGITS:]))
    for namespace, scope in _scopes():
        wanted.append(by_identifier(text, namespace=namespace, scope=scope))
    if name := sources.name_key(text):
        named = Attribute.objects.filter(key="name", match_key__in=blind_all("name", value=name))
        wanted.append(Customer.objects.roots().kept().filter(pk__in=named.values("root")))
    return [rows.values_list("pk", flat=True) for rows in wanted]


def _scopes() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(SCOPES)
        return [(namespace, scope) for namespace, scope in cursor.fetchall()]


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
