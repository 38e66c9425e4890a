"""How is an identifier shown to somebody who may not see it whole?"""

from __future__ import annotations

from customers.namespaces import Namespace

HIDDEN = "\u2022\u2022\u2022\u2022"


def masked(namespace: str, raw: str) -> str:
    """Enough to recognise, too little to use: the ends of a number, the first letter of an address."""
    if namespace in (Namespace.EMAIL, Namespace.EMAIL_FROM):
        local, _, domain = raw.rpartition("@")
        return f"{local[:1]}{HIDDEN}@{domain}"
    if namespace == Namespace.VISITOR:
        return HIDDEN
    if namespace == Namespace.CUSTOMER_NUMBER and 4 <= len(raw) <= 7:
        return f"{HIDDEN}{raw[-2:]}"
    return f"{raw[:3]}{HIDDEN}{raw[-2:]}" if len(raw) > 7 else HIDDEN
