"""What may the desk's dialogs say? Parsed and limited here, decided by the desk."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from handover import blocking, going_back
from handover.inbox.forms import LONGEST
from handover.models import Disposition, Tag
from handover.transferring import REASONS

MORNING = time(9)
REASON_TITLES = {
    "expertise": _("Needs somebody who knows more"),
    "complaint": _("The customer complains"),
    "authority": _("Needs somebody who may decide"),
    "urgent": _("Cannot wait"),
    "other": _("Something else"),
}
PRESETS = {
    "reply": _("Until the customer replies"),
    "1h": _("In an hour"),
    "3h": _("In three hours"),
    "tomorrow": _("Tomorrow at 9:00"),
    "monday": _("Next Monday at 9:00"),
    "at": _("At a time I choose"),
}


class AssignForm(forms.Form):
    """`to` is `me`, `queue:<key>` or `agent:<ref>`; everybody but `me` gets a note."""

    to = forms.CharField(max_length=100)
    note = forms.CharField(max_length=LONGEST, required=False, strip=True)
    client_id = forms.UUIDField(required=False)
    seen_epoch = forms.IntegerField(required=False, min_value=0)
    at_once = forms.BooleanField(required=False)


class EscalateForm(forms.Form):
    """Why, where to (empty: the queue behind), and the note."""

    reason = forms.ChoiceField(choices=[(one, REASON_TITLES[one]) for one in REASONS])
    to = forms.CharField(max_length=100, required=False)
    note = forms.CharField(max_length=LONGEST, required=False, strip=True)
    client_id = forms.UUIDField(required=False)
    seen_epoch = forms.IntegerField(required=False, min_value=0)


class ParkForm(forms.Form):
    """Until when, by the agent's own clock (`zone`), and why."""

    until = forms.ChoiceField(choices=list(PRESETS.items()))
    at = forms.CharField(max_length=16, required=False)  # 2026-11-30T09:00
    zone = forms.CharField(max_length=64, required=False)
    reason = forms.CharField(max_length=200, required=False, strip=True)
    seen_seq = forms.IntegerField(required=False, min_value=0)
    seen_epoch = forms.IntegerField(required=False, min_value=0)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        zone = _zone(str(given.get("zone") or "UTC"))
        given["until_at"] = _moment(str(given.get("until", "reply")), str(given.get("at") or ""), zone)
        if given.get("until") == "at" and given["until_at"] is None:
            self.add_error("at", _("Choose a day and a time."))
        return given


class ReleaseForm(forms.Form):
    """Where the bot goes on; where it stopped if nothing is said."""

    to = forms.ChoiceField(choices=[(one, one) for one in going_back.TO], required=False)
    step = forms.CharField(max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("to") == "step" and not given.get("step"):
            self.add_error("step", _("Choose a step."))
        return given


class BlockForm(forms.Form):
    """Why, and a note for the team."""

    reason = forms.ChoiceField(choices=list(blocking.REASONS.items()))
    note = forms.CharField(max_length=LONGEST, required=False, strip=True)
    client_id = forms.UUIDField(required=False)


class TopicsForm(forms.Form):
    """What it was about, and (when it is closed) what came of it."""

    tags = forms.ModelMultipleChoiceField(Tag.objects.filter(is_archived=False), to_field_name="key", required=False)
    disposition = forms.ModelChoiceField(
        Disposition.objects.filter(is_archived=False), to_field_name="key", required=False
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _moment(until: str, at: str, zone: ZoneInfo) -> datetime | None:
    """The moment that is meant; None for "until they reply", and for a time that cannot be read."""
    now = clock.now()
    if until in ("1h", "3h"):
        return now + timedelta(hours=int(until[0]))
    today = now.astimezone(zone).date()
    if until == "tomorrow":
        return datetime.combine(today + timedelta(days=1), MORNING, zone)
    if until == "monday":
        return datetime.combine(today + timedelta(days=7 - today.weekday()), MORNING, zone)
    if until == "at":
        try:
            return datetime.fromisoformat(at).replace(tzinfo=zone)
        except ValueError:
            return None
    return None
