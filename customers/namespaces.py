"""Which kinds of identifiers are there, and what holds for each?"""

from __future__ import annotations

from enum import StrEnum


class Namespace(StrEnum):
    """What an identifier is an identifier of."""

    SITE_USER = "site_user"
    CUSTOMER_NUMBER = "customer_number"
    PHONE = "phone"
    WA_BSUID = "wa_bsuid"
    WA_PARENT_BSUID = "wa_parent_bsuid"
    TELEGRAM_USER = "telegram_user"
    DISCORD_USER = "discord_user"
    MESSENGER_USER = "messenger_user"
    EMAIL = "email"
    EMAIL_FROM = "email_from"
    VISITOR = "visitor"


CHOICES = [(name.value, name.value) for name in Namespace]

# Two different live values of one of these in one scope are two different people.
EXCLUSIVE = frozenset({Namespace.SITE_USER, Namespace.CUSTOMER_NUMBER})
LIMITS = {name: 1 if name in EXCLUSIVE else 50 if name is Namespace.VISITOR else 5 for name in Namespace}

# One of these means somebody in its scope only: an account of one site, a sender of one mailbox.
SCOPED = (Namespace.SITE_USER, Namespace.CUSTOMER_NUMBER, Namespace.EMAIL_FROM)
