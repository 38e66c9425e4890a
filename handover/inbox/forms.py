"""What may an agent's form say? Parsed and limited here, decided by the desk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User

from handover.inbox import staff
from handover.models import Agent

LONGEST = 4000  # characters of a reply or note


class WordsForm(forms.Form):
    """A reply or a note, with words, a file or both; `client_id` makes a repetition harmless."""

    text = forms.CharField(max_length=LONGEST, strip=True, required=False)
    file = forms.UUIDField(required=False)
    client_id = forms.UUIDField()
    session = forms.UUIDField(required=False)
    seen_seq = forms.IntegerField(required=False, min_value=0)
    force = forms.BooleanField(required=False)
    written = forms.IntegerField(required=False, min_value=0, max_value=10**13)  # ms since 1970, by the server's clock
    draft = forms.IntegerField(required=False, min_value=0)  # the revision that this window sends
    screen = forms.CharField(max_length=40, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("text") and not given.get("file") and "text" not in self.errors:
            self.add_error("text", "There is nothing in this message.")
        return given

    def clean_written(self) -> datetime | None:
        written = self.cleaned_data["written"]
        return None if written is None else datetime.fromtimestamp(written / 1000, UTC)


class ClaimForm(forms.Form):
    """Taking over; the epoch says what the agent saw."""

    seen_epoch = forms.IntegerField(required=False, min_value=0)


class CloseForm(forms.Form):
    """Ending; the seq says up to where the agent has read."""

    seen_seq = forms.IntegerField(required=False, min_value=0)


class StatusForm(forms.Form):
    """Where the agent says to be."""

    status = forms.ChoiceField(choices=Agent.Status.choices)


class DeskLoginForm(AuthenticationForm):
    """User name and password of somebody with a desk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            field.widget.attrs["class"] = "field"

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if staff.at_desk(user) is None:
            raise forms.ValidationError("This account has no desk. An administrator can add one.", code="no_desk")
