"""What may be set up for a team in the back office? Queues and hours that can do what they say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conversations.models import Conversation
from handover import hours
from handover.models import BusinessHours, Queue
from handover.routing import flaws

NEVER = (
    "A week without a shift is never open. A queue that is always open has no hours; one that is closed for now is "
    "unticked as open."
)


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
            "is_default": "Whoever needs no skill comes here. Ticked here, it is unticked at the queue that was it.",
            "is_archived": "Nobody comes here any more; whoever still waits is passed on first.",
            "languages": "Codes such as en, es; empty: every language.",
            "referrers": "Shops, sites or sections whose customers come here; empty: all.",
            "channels": "Keys or kinds of channels for which this is the default queue.",
            "intake": "The key of a published journey that asks before somebody waits here; empty: nothing is asked.",
            "max_wait_minutes": "Longest wait, after which “when exhausted” holds.",
            "quiet_minutes": "A customer who is silent for so long is asked by the journey below; at least 2.",
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["is_default"].show_hidden_initial = True  # a page left open takes it back from nobody

    def clean_intake(self) -> str:
        return self._journey("intake")

    def clean_quiet_journey(self) -> str:
        return self._journey("quiet_journey")

    def clean_is_default(self) -> bool:
        """It is never taken away, only given to another queue."""
        given: bool = self.cleaned_data["is_default"]
        if self.instance.is_default and not given:
            raise ValidationError("Some queue must be the default one: tick “is default” at the one that is to be it.")
        return given

    def clean_is_archived(self) -> bool:
        given: bool = self.cleaned_data["is_archived"]
        if given and not self.instance.is_archived and (waiting := self._waiting()):
            those = "1 conversation waits" if waiting == 1 else f"{waiting} conversations wait"
            raise ValidationError(f"{those} here, messages counted: pass them on in the inbox first{self._where_to()}.")
        return given

    def clean_channels(self) -> list[str]:
        given: list[str] = self.cleaned_data["channels"] or []
        if odd := flaws.unknown_channels(given):
            raise ValidationError(f"There is neither a channel nor a kind of channel “{odd[0]}”.")
        return given

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("is_default") and given.get("is_archived"):
            self.add_error("is_archived", "This is the default queue: tick “is default” at another one first.")
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

    def _get_validation_exclusions(self) -> set[str]:
        """That one queue is the default is no error here: saving takes it from the other (`QueuePage`)."""
        found: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # the stubs do not know it
        return found | {"is_default"}

    def _waiting(self) -> int:
        return Conversation.objects.queued().filter(owner_id=self.instance.pk).count() if self.instance.pk else 0

    def _where_to(self) -> str:
        """Where they would have gone next, as an advice."""
        behind = self.instance.fallback
        if behind is None or behind.is_archived:
            behind = Queue.objects.filter(is_default=True, is_archived=False).exclude(pk=self.instance.pk).first()
        return f", to “{behind.title}” for instance" if behind else ""

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
        if not hours.has_shifts(given["weekly"]):
            self.add_error("weekly", NEVER)
        return given
