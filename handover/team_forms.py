"""What may be set up for a team in the back office? Queues and hours that can do what they say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from handover import hours
from handover.models import BusinessHours, Queue
from handover.routing import flaws


class SpeakersForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """Languages are compared by two small letters."""

    def clean_languages(self) -> list[str]:
        given = [code.strip().lower() for code in self.cleaned_data["languages"] or []]
        if odd := next((code for code in given if not flaws.is_language(code)), None):
            raise ValidationError(f"“{odd}” is no code of a language: write two letters, such as en.")
        return given


class QueueForm(SpeakersForm):
    """A queue that could not do what it says is not kept."""

    class Meta:
        model = Queue
        fields = "__all__"
        help_texts = {
            "languages": "Codes such as en, es; empty: every language.",
            "referrers": "Shops, sites or sections whose customers come here; empty: all.",
            "channels": "Keys or kinds of channels for which this is the default queue.",
            "intake": "The key of a published journey that asks before somebody waits here; empty: nothing is asked.",
            "max_wait_minutes": "Longest wait, after which “when exhausted” holds.",
            "quiet_minutes": "A customer who is silent for so long is asked by the journey below; at least 2.",
        }

    def clean_intake(self) -> str:
        return self._journey("intake")

    def clean_quiet_journey(self) -> str:
        return self._journey("quiet_journey")

    def clean_channels(self) -> list[str]:
        given: list[str] = self.cleaned_data["channels"] or []
        if odd := flaws.unknown_channels(given):
            raise ValidationError(f"There is neither a channel nor a kind of channel “{odd[0]}”.")
        return given

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("strategy") == Queue.Strategy.EXTERNAL and not given.get("connection"):
            self.add_error("connection", "The external strategy asks a connection.")
        if "quiet_journey" in given and bool(given.get("quiet_minutes")) != bool(given["quiet_journey"]):
            self.add_error("quiet_journey", "The minutes of silence and the journey belong together.")
        if given.get("quiet_minutes") and given["quiet_minutes"] < 2:
            self.add_error("quiet_minutes", "At least 2: the customer is asked one minute before.")
        behind, own = given.get("fallback"), self.instance.pk
        if behind is not None and own and (wrong := flaws.circle_with(own, behind.pk)):
            self.add_error("fallback", wrong)
        return given

    def _journey(self, name: str) -> str:
        """One that was withdrawn later is told by `flaws`: what else the form changes can still be kept."""
        key: str = self.cleaned_data[name]
        if key and key != getattr(self.instance, name) and not flaws.is_live(key):
            raise ValidationError(f"There is no published journey “{key}”.")
        return key


class HoursForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """Hours that nobody could read are not kept."""

    class Meta:
        model = BusinessHours
        fields = ("title", "time_zone", "weekly", "holidays")
        help_texts = {
            "time_zone": "Such as Europe/Stockholm.",
            "weekly": 'The shifts of each day: {"mon": ["09:00-12:30", "13:30-17:00"], "fri": ["22:00-06:00"]}.',
            "holidays": 'Days on which nobody is there: ["2026-12-24"].',
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.errors:
            return given
        try:
            hours.check(given["weekly"], given["holidays"], given["time_zone"])
        except hours.Unclear as error:
            raise ValidationError(str(error)) from error
        return given
