"""What do the benches of identity do with customers? Make some, join and part them, let them write; timed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from bench.rig import percentile

if TYPE_CHECKING:
    from customers.models import Customer, Link

NUMBERS = count(os.getpid() % 10_000 * 10_000 + 1)  # people of a process of their own


def persons(many: int) -> list[Customer]:
    """New customers, each with a proven phone, a name and something said."""
    from common import clock
    from customers import attributes, identity
    from customers.handles import Handle

    found = []
    for _ in range(many):
        number = next(NUMBERS)
        handles = [Handle("phone", "bench", f"4675{number:08}", "provider")]
        resolution = identity.resolve(handles=handles, occurred_at=clock.now())
        assert resolution is not None
        for key, value in (("name", f"Maya {number}"), ("city", "Lund")):
            attributes.observe(
                customer=resolution.origin,
                key=key,
                value=value,
                source="bot",
                occurred_at=clock.now(),
                source_event_id=f"bench:{number}",
            )
        found.append(resolution.origin)
    hear(found[0])
    return found


def join(a: Customer, b: Customer) -> Any:
    from common.ids import uuid7
    from customers import merging

    return merging.merge(a=a, b=b, kind="manual", rule="bench", actor="bench", request_id=str(uuid7()))


def link(a: Customer, b: Customer) -> Link:
    found: Link = join(a, b).link
    return found


def part(*links: Link | None) -> None:
    from common.ids import uuid7
    from customers import merging

    chosen = [one for one in links if one is not None]
    merging.split(links=chosen, actor="bench", request_id=str(uuid7()), stay_apart=False)


def timed(took: list[float], work: Callable[[], Any]) -> Any:
    """Runs it and notes the milliseconds."""
    began = time.perf_counter()
    found = work()
    took.append((time.perf_counter() - began) * 1000)
    return found


def once(work: Callable[[], Any]) -> float:
    took: list[float] = []
    timed(took, work)
    return round(took[0], 1)


def spread(took: Sequence[float]) -> dict[str, float]:
    """Latencies in ms."""
    values = list(took)
    return {name: round(percentile(values, share), 3) for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))}


def hear(person: Customer) -> None:
    """One message through the whole inbound door."""
    from django.db import transaction

    from common import clock
    from conversations import threads
    from conversations.content import Text
    from conversations.sessions import Place
    from conversations.threads import Heard

    address = person.identities.select_related("customer").get(namespace="phone")
    with transaction.atomic():
        place = Place(identity=address, channel="whatsapp-demo", kind="whatsapp", proven=(address.pk,))
        threads.receive(place=place, heard=Heard(content=Text("hello"), occurred_at=clock.now(), text="hello"))
