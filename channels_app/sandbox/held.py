"""What do the pretended providers remember of a person? In a demo they are ours, so it goes as well."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from channels_app.sandbox.models import SandboxContact, SandboxExchange, SandboxFact, SandboxFile, SandboxMessage
from customers.privacy import Person, Rows, Store, moment
from customers.privacy_rows import drop

SHORTEST = 5  # characters of an address that is looked for in a fact
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
MEDIA = "media:"


def stores() -> list[Store]:
    """Messages last: they say which files and requests were theirs."""
    return [
        Store("the sandbox's requests", {SandboxExchange: {}}, _exchanges),
        Store("the sandbox's files", {SandboxFile: {}, SandboxFact: {}}, _files),
        Store("the sandbox's phones", {SandboxMessage: {}, SandboxContact: {}}, _phones, _said),
    ]


def _ways(person: Person) -> list[str]:
    """How a provider may write their addresses."""
    return sorted({way for raw in person.addresses for way in (raw, raw.lstrip("+"), f"+{raw.lstrip('+')}")})


def _exchanges(person: Person, limit: int) -> int:
    """The log of requests is a window of a few hundred: of the channels they used all of it goes."""
    used = SandboxContact.objects.filter(address__in=_ways(person)).values_list("channel", flat=True)
    return drop(SandboxExchange, "t.channel = ANY(%s)", [sorted(set(used))], limit)


def _files(person: Person, limit: int) -> int:
    messages = SandboxMessage.objects.filter(address__in=_ways(person))
    said = " ".join(json.dumps(row.body) for row in messages.iterator(500))
    named = {UUID(text) for text in UUIDS.findall(said)}
    facts = [fact for fact in SandboxFact.objects.filter(name__startswith=MEDIA) if fact.name[len(MEDIA) :] in said]
    named |= {UUID(fact.value["file"]) for fact in facts if isinstance(fact.value, dict) and "file" in fact.value}
    found = SandboxFile.objects.filter(public_id__in=named).delete()[0]
    mine = Q(pk__in=[fact.pk for fact in facts])
    for way in (way for way in _ways(person) if len(way) >= SHORTEST):
        mine |= Q(name__contains=way) | Q(value__icontains=way)
    return found + SandboxFact.objects.filter(mine).delete()[0]


def _phones(person: Person, limit: int) -> int:
    mine: Sequence[Any] = [_ways(person)]
    return sum(drop(model, "t.address = ANY(%s)", mine, limit) for model in (SandboxMessage, SandboxContact))


def _said(person: Person) -> Rows:
    for row in SandboxMessage.objects.filter(address__in=_ways(person)).order_by("pk").iterator(500):
        yield {"channel": row.channel, "is_from_customer": row.is_from_customer, "body": row.body, "at": moment(row.at)}
