"""Which rows hold what is known of a customer?"""

from customers.models.attribute import Attribute, Conflict, Observation
from customers.models.audit import AuditEntry
from customers.models.customer import Customer
from customers.models.identity import Identity
from customers.models.idempotency import IdempotentAnswer

__all__ = ["Attribute", "AuditEntry", "Conflict", "Customer", "IdempotentAnswer", "Identity", "Observation"]
