"""Which rows hold what is known of a customer?"""

from customers.models.attribute import Attribute, Conflict, Observation
from customers.models.audit import AuditEntry
from customers.models.customer import Customer
from customers.models.failures import RecentFailures
from customers.models.idempotency import IdempotentAnswer
from customers.models.identity import Identity

__all__ = [
    "Attribute",
    "AuditEntry",
    "Conflict",
    "Customer",
    "IdempotentAnswer",
    "Identity",
    "Observation",
    "RecentFailures",
]
