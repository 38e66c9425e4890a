"""What may a form of the side panel say? Parsed and limited here; the customer's own modules decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from customers.attribute_types import KEY
from customers.models import Consent


class FactForm(forms.Form):
    """A value of a fact; `seen` is the observation that stood there, so that nobody overwrites what they never saw."""

    key = forms.RegexField(rf"^{KEY.pattern}\Z")
    value = forms.CharField(max_length=500, required=False, strip=True)
    seen = forms.IntegerField(required=False, min_value=0)
    verified = forms.BooleanField(required=False)


class SettleForm(forms.Form):
    """Keep or use one of the values (its number), `own`, `dismiss`, or what else may become of an address."""

    choice = forms.RegexField(r"^(\d{1,18}|[a-z_]{3,30})\Z")
    own = forms.CharField(max_length=500, required=False, strip=True)


class ProposeForm(forms.Form):
    """Another customer, and why they may be the same person."""

    other = forms.UUIDField()
    note = forms.CharField(max_length=500, required=False, strip=True)


class FindForm(forms.Form):
    """A whole identifier, or the last 8 digits of a phone."""

    text = forms.CharField(max_length=255, strip=True)


class ConsentForm(forms.Form):
    """One word at one address, with how we know; the time is now unless it was earlier."""

    address = forms.UUIDField()
    purpose = forms.ChoiceField(choices=Consent.Purpose.choices)
    state = forms.ChoiceField(choices=Consent.State.choices)
    evidence = forms.CharField(max_length=300, strip=True)
    at = forms.DateTimeField(required=False)

    def clean_at(self) -> Any:
        at = self.cleaned_data["at"]
        return timezone.make_aware(at) if at is not None and timezone.is_naive(at) else at
