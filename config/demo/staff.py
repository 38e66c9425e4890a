"""Who works in the demo, for which queue, with which password? Made once; what was changed by hand stays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User

from config import roles
from config.demo import PASSWORD, rungs
from handover.models import Agent, Membership, Queue, Skill, SlaClock, SlaPolicy

LOGINS = "demo.json"


@dataclass(frozen=True, slots=True)
class Colleague:
    """A login of the demo; `queues` holds (queue, role)."""

    login: str
    first_name: str
    last_name: str
    role: str
    queues: tuple[tuple[str, str], ...] = ()
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # that they write to customers; none stands for every one
    is_admin: bool = False
    group: str = "Agents"
    has_office: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


STAFF = (
    Colleague("admin", "Admin", "", "administrator", is_admin=True),
    Colleague("ana", "Ana", "Sousa", "agent in sales", (("sales", "agent"),), ("sales",), ("en", "es")),
    Colleague(
        "ben",
        "Ben",
        "Okafor",
        "agent in sales and support",
        (("sales", "agent"), ("support", "agent"), ("vip", "agent"), ("workshop", "agent")),
        ("sales", "support", "vip", "workshop"),
        ("en", "de"),
    ),
    Colleague(
        "chloe",
        "Chloe",
        "Martin",
        "supervisor",
        (("sales", "supervisor"), ("support", "supervisor"), ("vip", "supervisor"), ("workshop", "supervisor")),
        ("sales", "support", "vip", "workshop"),
        group="Supervisors",
        has_office=True,
    ),
)
QUEUES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("sales", "Sales", {"intake": "prechat_sales", "is_default": True, "asks_rating": True}),
    ("support", "Support", {"strategy": "least_busy", "delivery": "offer", "asks_rating": True}),
    ("vip", "VIP customers", {"strategy": "longest_idle", "delivery": "auto", "is_vip": True}),
    ("workshop", "Workshop", {"strategy": "least_busy", "when_exhausted": "ticket"}),
)


PROMISE = "Sales within the hour"  # what the demo's sales team promises, in minutes of its opening hours
MINUTES = {"first_minutes": 60, "next_minutes": 120, "resolution_minutes": 8 * 60}


def seed() -> None:
    """Skills, queues, what they promise, roles, logins and who works where."""
    roles.seed()
    for key, title, more in QUEUES:
        skill, _ = Skill.objects.get_or_create(key=key, defaults={"title": title})
        if more.get("is_default") and Queue.objects.filter(is_default=True).exclude(key=key).exists():
            more = {**more, "is_default": False}
        queue, is_new = Queue.objects.get_or_create(key=key, defaults={"title": title, **more})
        if is_new:
            queue.skills.add(skill)
        if is_new and key == "sales":
            queue.sla, _ = SlaPolicy.objects.get_or_create(title=PROMISE, defaults=MINUTES)
            queue.save(update_fields=["sla"])
        if is_new and key == "workshop":
            rungs.seed_team()
    for colleague in STAFF:
        _colleague(colleague)


def write_logins(data_dir: Path) -> None:
    """The logins for the terminal of `manage.py up`."""
    rows = [{"login": one.login, "password": PASSWORD, "role": one.role} for one in STAFF]
    (data_dir / LOGINS).write_text(json.dumps(rows, indent=1))


def purge() -> None:
    """Removes the demo's logins and queues; a queue of the same name that others work for stays."""
    logins = [one.login for one in STAFF]
    Agent.objects.filter(user__username__in=logins).delete()
    User.objects.filter(username__in=logins).delete()
    keys = [key for key, _, _ in QUEUES]
    Queue.objects.filter(key__in=keys, memberships__isnull=True).delete()
    kept = Queue.objects.filter(sla__title=PROMISE).exists() or SlaClock.objects.filter(policy__title=PROMISE).exists()
    if not kept:
        SlaPolicy.objects.filter(title=PROMISE).delete()
    rungs.purge()
    Skill.objects.filter(key__in=keys, queues__isnull=True, agents__isnull=True).delete()
    (settings.DATA_DIR / LOGINS).unlink(missing_ok=True)


def _colleague(colleague: Colleague) -> None:
    """Their login and their desk; an administrator leads every queue and works for none."""
    user = _user(colleague)
    agent, is_new = Agent.objects.get_or_create(user=user, defaults={"name": colleague.name})
    if is_new:
        agent.skills.set(Skill.objects.filter(key__in=colleague.skills))
        agent.languages = list(colleague.languages)
        agent.save(update_fields=["languages"])
    for key, role in colleague.queues:
        queue = Queue.objects.get(key=key)
        Membership.objects.get_or_create(agent=agent, queue=queue, defaults={"role": role})


def _user(colleague: Colleague) -> User:
    found = User.objects.filter(username=colleague.login).first()
    if found is not None:
        return found
    made = User.objects.create_user(
        colleague.login,
        email=f"{colleague.login}@example.com",
        password=PASSWORD,
        first_name=colleague.first_name,
        last_name=colleague.last_name,
        is_staff=colleague.is_admin or colleague.has_office,
        is_superuser=colleague.is_admin,
    )
    if not colleague.is_admin:
        made.groups.add(Group.objects.get(name=colleague.group))
    return made
