"""Which conversations does a search mean? By phone (or its last 8 digits), e-mail, account or whole name."""

from __future__ import annotations

from django.db.models import Q

from customers import finding
from customers.models import Customer


def condition(text: str) -> Q:
    """A condition on conversations: those of the persons that the text names; of nobody if it names none."""
    return Q(customer__root__in=Customer.objects.roots().filter(finding.people(text)))
