"""Which queue is meant, and which queues and skills may a journey name?"""

from __future__ import annotations

from handover.models import Queue, Skill


def queue_for(*, name: str = "", skill: str = "") -> Queue | None:
    """The queue that is named, else the first with this skill, else the default one."""
    if name and (named := Queue.objects.filter(key=name).first()):
        return named
    if skill and (skilled := Queue.objects.filter(skills__key=skill).order_by("-is_default", "pk").first()):
        return skilled
    return Queue.objects.filter(is_default=True).first()


def queue_keys() -> frozenset[str]:
    """Every queue that a journey may name."""
    return frozenset(Queue.objects.values_list("key", flat=True))


def skill_keys() -> frozenset[str]:
    """Every skill that a journey may name."""
    return frozenset(Skill.objects.values_list("key", flat=True))


def queues_with_intake() -> frozenset[str]:
    """The queues that have pre-chat questions of their own."""
    return frozenset(Queue.objects.exclude(intake="").values_list("key", flat=True))
