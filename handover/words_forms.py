"""Which ready words, macros and views may be kept in the back office? What the desk and the API would take as well."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from handover import filters, macros, ready
from handover.models import Queue

LONGEST = 4000  # characters of a ready reply


class WhoseForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """For one agent, for a queue's agents, or (neither) for everybody."""

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("owner") and given.get("queue"):
            self.add_error("queue", "What is for one agent alone has no queue.")
        return given


class ReplyWordsForm(WhoseForm):
    """Places that could not be filled in later are refused."""

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > LONGEST:
            raise ValidationError("At most 4,000 characters.")
        if flaw := ready.flaw(text):
            raise ValidationError(flaw)
        return text


class MacroStepsForm(WhoseForm):
    """Each step is one that a macro can do."""

    def clean_actions(self) -> list[Any]:
        actions: list[Any] = self.cleaned_data["actions"]
        if flaw := macros.flaw(actions):
            raise ValidationError(flaw)
        return actions


class ViewFilterForm(WhoseForm):
    """A filter that a list understands; an empty one keeps nothing back."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["filters"].required = False

    def clean_filters(self) -> dict[str, str]:
        given: dict[str, Any] = self.cleaned_data["filters"]
        if unknown := sorted(set(given) - set(filters.NAMES)):
            raise ValidationError(f"There is no {unknown[0]}: a filter has {', '.join(filters.NAMES)}.")
        try:
            found = filters.read(given).to_json()
            filters.look_up(found, lambda: Queue.objects.filter(is_archived=False))
        except filters.BadFilter as problem:
            raise ValidationError(problem.detail) from problem
        return found
