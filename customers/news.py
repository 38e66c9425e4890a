"""Who hears that something about a person is different now? Apps above follow; a screen looks again by itself."""

from __future__ import annotations

from collections.abc import Callable

Follower = Callable[[int], None]

_followers: list[Follower] = []


def follow(then: Follower) -> None:
    """`then(customer id)` is called inside the change's transaction, with any origin of the person; at start-up."""
    _followers.append(then)


def tell(*customer_ids: int) -> None:
    """Something was learnt, decided or withdrawn about these customers. A hint: it carries nothing but who is meant."""
    for customer_id in dict.fromkeys(customer_ids):
        for then in _followers:
            then(customer_id)
