"""Which rules about identity hold here? Defaults in code, differences in one audited row, remembered for seconds.

Refused   a value that is no such setting: names the setting and what it takes
Stale     somebody else changed the row since it was looked at
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from typing import Any

import phonenumbers
from django.db import transaction

from common import clock
from common.crypto import blind_all
from common.problems import Problem
from customers import audit, normalise
from customers.attribute_rules import FEEDS, TAKES
from customers.models import IdentityPolicy
from customers.namespaces import LIMITS, Namespace
from customers.normalise import Key

REMEMBERED = 5.0  # seconds: a change counts in every process after that
PRIMARY = ("site_user", "customer_number", "email", "phone")
HISTORIES = ("session", "visitor")

_remembered: tuple[float, Policy] | None = None


class Refused(Problem):
    code, title, status = "policy_refused", "This is not a setting of the identity policy.", 400


class Stale(Problem):
    code, title, status = "policy_stale", "Somebody else changed the identity policy meanwhile.", 409


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings of section 15; every one has a default that needs no row."""

    primary: str = "site_user"
    limits: Mapping[str, int] = field(default_factory=lambda: {name.value: most for name, most in LIMITS.items()})
    links_max: int = 100
    identities_max: int = 1000
    alert_members: int = 20
    alert_links_an_hour: int = 5
    blocked: tuple[str, ...] = ()
    blocked_keys: tuple[str, ...] = ()  # single values that people blocked, as `namespace:digest`: nobody reads them
    role_addresses: tuple[str, ...] = ()
    region: str = ""
    profile_names: str = "fill_empty"
    sync: Mapping[str, str] = field(default_factory=dict)
    proof_days: int = 90
    silence_days: int = 45
    verified_days: int = 730
    anonymous_history: str = "session"
    anonymous_days: int = 60
    misses_days: int = 180

    @property
    def silence(self) -> timedelta:
        """After so long without a word a number may have changed hands."""
        return timedelta(days=self.silence_days)

    @property
    def proof_lasts(self) -> timedelta:
        """For so long a one-time code proves."""
        return timedelta(days=self.proof_days)

    def blocks(self, raw: str) -> bool:
        """Is it one of this installation's own placeholders, or matches its patterns?"""
        plain = raw.strip().casefold()
        return any(re.fullmatch(pattern.replace(r"\*", ".*"), plain) for pattern in map(re.escape, self.blocked))

    def blocks_key(self, key: Key) -> bool:
        """Is it one of the single values that people blocked?"""
        return bool(self.blocked_keys) and not _names(key).isdisjoint(self.blocked_keys)

    def freed(self, text: str) -> list[str]:
        """The single values that stay blocked when this one, as people write it, is free again."""
        keys = [normalise.key(name, text, region=self.region or None) for name in (Namespace.PHONE, Namespace.EMAIL)]
        free = {name for key in keys if isinstance(key, Key) for name in _names(key)}
        return [one for one in self.blocked_keys if one not in free]


def current() -> Policy:
    """The settings as of a few seconds ago at most."""
    global _remembered
    if _remembered is None or time.monotonic() - _remembered[0] > REMEMBERED:
        row = IdentityPolicy.objects.filter(pk=1).first()
        _remembered = (time.monotonic(), _of(row.values if row else {}))
    return _remembered[1]


@transaction.atomic
def change(*, values: Mapping[str, Any], actor: str, reason: str = "", expected: int | None = None) -> Policy:
    """Sets these settings, leaves the others; audited by name. `Refused` names the first that is wrong.

    `expected`: the version that the actor looked at; `Stale` if it is another one by now.
    """
    IdentityPolicy.objects.get_or_create(pk=1)
    row = IdentityPolicy.objects.select_for_update(no_key=True).get(pk=1)
    if expected not in (None, row.version):
        raise Stale()
    merged = {**row.values, **values}
    policy = _of(merged)
    row.values = {name: value for name, value in _plain(policy).items() if value != _plain(Policy())[name]}
    row.version, row.changed_by, row.changed_at = row.version + 1, actor, clock.now()
    row.save(update_fields=["values", "version", "changed_by", "changed_at"])
    audit.record(actor=actor, action="policy.change", object_id=" ".join(sorted(values))[:100], reason=reason)
    forget()
    return policy


def version() -> int:
    """Of the row as it is now; of the defaults before there is one."""
    found = IdentityPolicy.objects.filter(pk=1).values_list("version", flat=True).first()
    return found or IdentityPolicy().version


def tried(values: Mapping[str, Any]) -> Policy:
    """The policy as it would be with these settings; `Refused` names the first that is wrong. Changes nothing."""
    return _of({**_plain(current()), **values})


def assume(policy: Policy) -> None:
    """Takes these for what the row says, for the usual seconds."""
    global _remembered
    _remembered = (time.monotonic(), policy)


def forget() -> None:
    """The next look reads the row."""
    global _remembered
    _remembered = None


def _names(key: Key) -> set[str]:
    return {f"{key.namespace}:{digest}" for digest in blind_all(key.namespace, key.scope, value=key.value)}


def _plain(policy: Policy) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(policy).items()}


def _of(values: Mapping[str, Any]) -> Policy:
    known = {one.name for one in fields(Policy)}
    for name in values:
        if name not in known:
            raise Refused(f"There is no setting {name}.", setting=name)
    return Policy(**{name: _checked(name, value) for name, value in values.items()})


def _checked(name: str, value: Any) -> Any:
    if name in CHOICES and value not in CHOICES[name]:
        raise Refused(f"{name} is one of {', '.join(CHOICES[name])}.", setting=name)
    if name in CHOICES:
        return value
    if name == "limits":
        return _limits(value)
    if name == "sync":
        return _sync(value)
    if name in ("blocked", "blocked_keys", "role_addresses"):
        return _texts(name, value)
    if name == "region":
        if value and value not in phonenumbers.SUPPORTED_REGIONS:
            raise Refused("region is a country's two letters, such as SE, or nothing.", setting=name)
        return value
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100_000:
        raise Refused(f"{name} is a whole number from 1 to 100000.", setting=name)
    return value


CHOICES = {"primary": PRIMARY, "anonymous_history": HISTORIES, "profile_names": TAKES}


def _limits(value: Any) -> dict[str, int]:
    if not isinstance(value, Mapping):
        raise Refused("limits names kinds of addresses and how many of each.", setting="limits")
    for name, most in value.items():
        is_number = isinstance(most, int) and not isinstance(most, bool) and 1 <= most <= 1000
        if name not in list(Namespace) or not is_number:
            raise Refused(f"limits: {name} takes a whole number from 1 to 1000.", setting="limits")
    return {**{name.value: most for name, most in LIMITS.items()}, **value}


def _sync(value: Any) -> dict[str, str]:
    """What a feed says counts for, where an attribute's definition does not say otherwise."""
    if not isinstance(value, Mapping):
        raise Refused("sync names sources and what they count for.", setting="sync")
    for source, takes in value.items():
        if source not in FEEDS or takes not in TAKES:
            raise Refused(f"sync: {source} is one of {', '.join(TAKES)}.", setting="sync")
    return dict(value)


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) and 0 < len(one) <= 200 for one in value):
        raise Refused(f"{name} is a list of texts.", setting=name)
    return tuple(value) if name == "blocked_keys" else tuple(one.strip().casefold() for one in value[:500])
