"""How many went through each step, wait there now, and left there? Two questions to the database."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from conversations.models import Journey, JourneyRun, JourneyVersion, StepLog

LEFT = ("cancelled", "expired", "failed")


@dataclass(slots=True)
class Footfall:
    """Runs that entered a step, that stand at it now, and that ended there without reaching an end of the journey."""

    entered: int = 0
    waiting: int = 0
    left: int = 0

    @property
    def words(self) -> str:
        """As it stands in the picture."""
        return f"{self.entered} in · {self.waiting} waiting · {self.left} left"


def of(journey: Journey, version: JourneyVersion | None = None) -> dict[str, Footfall]:
    """By step, of one version or of all that were published; drafts that are tried out do not count."""
    logs = StepLog.objects.filter(run__version__journey=journey, run__version__number__gt=JourneyVersion.TRIAL)
    runs = JourneyRun.objects.filter(version__journey=journey, version__number__gt=JourneyVersion.TRIAL)
    if version is not None:
        logs, runs = StepLog.objects.filter(run__version=version), JourneyRun.objects.filter(version=version)
    found: dict[str, Footfall] = {}
    for step_id, count in logs.values_list("step_id").annotate(count=Count("run", distinct=True)):
        found.setdefault(step_id, Footfall()).entered = count
    for step_id, status, count in runs.values_list("step_id", "status").annotate(count=Count("pk")):
        step = found.setdefault(step_id, Footfall())
        step.waiting += count if status in JourneyRun.OPEN else 0
        step.left += count if status in LEFT else 0
    return found
