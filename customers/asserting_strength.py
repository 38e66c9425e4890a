"""Is what a trusted server says of two customers strong enough to make them one?"""

from __future__ import annotations

from datetime import datetime

from customers import policy, recycling, sharing
from customers.handles import Named
from customers.models import Customer, Identity
from customers.namespaces import EXCLUSIVE, Namespace


def is_primary(first: Named) -> bool:
    """Is it of the primary kind? A user id is one by the site's name for them or by the business's number."""
    primary = policy.current().primary
    wanted = EXCLUSIVE if primary in EXCLUSIVE else {primary}
    return first.routes and first.key.namespace in wanted


def may_link(one: Named, owner: Identity, at: datetime) -> bool:
    """No switchboard's, no role's, nothing stale or proposed for a block; of a phone, who was heard of lately."""
    is_role = "role_address" in one.key.flags or one.key.local in policy.current().role_addresses
    is_stale = owner.proof_expires_at is not None and owner.proof_expires_at <= at
    is_silent = owner.namespace == Namespace.PHONE and owner.is_proven and not recycling.is_current(owner, at)
    is_in_doubt = owner.shared or is_role or is_stale or is_silent
    return is_active(owner.customer) and not is_in_doubt and not sharing.proposed([owner])


def is_active(customer: Customer) -> bool:
    """Does nothing keep this person from being joined?"""
    return customer.root.status == Customer.Status.ACTIVE
