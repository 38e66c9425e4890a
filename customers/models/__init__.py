"""Which rows hold what is known of a customer?"""

from customers.models.attribute import Attribute, Conflict, Observation
from customers.models.audit import AuditEntry
from customers.models.challenge import Challenge
from customers.models.consent import Consent
from customers.models.customer import Customer
from customers.models.definition import AttributeDefinition
from customers.models.failures import RecentFailures
from customers.models.idempotency import IdempotentAnswer
from customers.models.identity import Identity
from customers.models.link import Distinct, Link, MergeEvent
from customers.models.mapping import MappingImport
from customers.models.policy import IdentityPolicy
from customers.models.suggestion import MatchSuggestion
from customers.models.tally import Tally
from customers.models.tombstone import Erasure, Tombstone

__all__ = [
    "Attribute",
    "AttributeDefinition",
    "AuditEntry",
    "Challenge",
    "Conflict",
    "Consent",
    "Customer",
    "Distinct",
    "Erasure",
    "IdempotentAnswer",
    "Identity",
    "IdentityPolicy",
    "Link",
    "MappingImport",
    "MatchSuggestion",
    "MergeEvent",
    "Observation",
    "RecentFailures",
    "Tally",
    "Tombstone",
]
