"""How are the rules about identity changed? A form with every setting, and first a count of whom it concerns."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from customers import definitions, pages, pages_words, policy, policy_effects, primary
from customers.attribute_rules import FEEDS
from customers.models import IdentityPolicy
from customers.namespaces import Namespace
from customers.policy import CHOICES, Policy

VIEW, CHANGE = "customers.view_identitypolicy", "customers.change_identitypolicy"
LABELS = {
    "primary": "Primary identifier",
    "links_max": "Links of one person at most",
    "identities_max": "Addresses of one person at most",
    "alert_members": "Warn from so many members",
    "alert_links_an_hour": "Warn from so many links an hour",
    "blocked": "Values that identify nobody (one a line, * for anything)",
    "role_addresses": "Addresses of roles, not of people (one a line)",
    "region": "Country of numbers without + (two letters, or empty)",
    "profile_names": "A name from a channel's profile",
    "proof_days": "Days that a one-time code proves",
    "silence_days": "Days of silence after which a number may have changed hands",
    "verified_days": "Days that a verified value sticks",
    "anonymous_history": "What joins when an anonymous visitor logs in",
    "anonymous_days": "Days to keep anonymous visitors",
    "misses_days": "Days to keep questions that nobody could answer",
}
OTHERS = {
    "limits": "How many addresses of a kind one person has at most",
    "sync": "What channels, sites and the CRM say of a person",
    "blocked_keys": "Single values that were blocked",
}
COUNTS_FOR = (
    ("", "as usual: a value like any other, a name only where there is none"),
    ("fill_empty", "only where nobody else has said anything"),
    ("take", "a value like any other"),
    ("ignore", "nothing: it is not kept"),
)


class PolicyForm(forms.Form):
    """Every setting with its kind of field; the policy itself judges the values."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for one in fields(Policy):
            if one.name in LABELS:
                self.fields[one.name] = _field(one.name)
        for feed, words in FEEDS.items():
            self.fields[f"sync_{feed}"] = forms.ChoiceField(
                label=f"What {words} says of a person", choices=COUNTS_FOR, required=False
            )
        for name in Namespace:
            label = f"{pages_words.kind(name)}: how many of one person at most"
            self.fields[f"limit_{name.value}"] = forms.IntegerField(label=label)
        label = "A single value that was blocked and is to be free again (phone or e-mail)"
        self.fields["freed"] = forms.CharField(label=label, required=False, max_length=255)
        self.fields["reason"] = forms.CharField(label="Why (for the audit trail)", max_length=200)

    def values(self) -> dict[str, Any]:
        """As `policy.change` takes them."""
        given = self.cleaned_data
        own = {name: given[name] for name in LABELS}
        for name in ("blocked", "role_addresses"):
            own[name] = [line.strip() for line in given[name].splitlines() if line.strip()]
        if given["freed"].strip():
            own["blocked_keys"] = policy.current().freed(given["freed"])
        own["region"] = given["region"].strip().upper()
        own["sync"] = {feed: wish for feed in FEEDS if (wish := given[f"sync_{feed}"])}
        return {**own, "limits": {name.value: given[f"limit_{name.value}"] for name in Namespace}}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The form: it counts whom it would concern, and only what was counted like this is saved, over what was seen."""
    pages.needs(request, VIEW)
    policy.forget()
    seen = policy.version()
    if request.method != "POST":
        return _shown(request, PolicyForm(initial=_initial(policy.current())), seen=seen)
    pages.needs(request, CHANGE)
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, status=400)
    is_counted = "check" not in request.POST and request.POST.get("counted") == _digest(form)
    return _save(request, form) if is_counted and _is_current(request) else _count(request, form)


def _count(request: HttpRequest, form: PolicyForm) -> HttpResponse:
    """Whom it would concern; nothing is changed. What others saved since the form was opened is named beside it."""
    seen, now, values = policy.version(), policy.current(), form.values()
    try:
        after = policy.tried(values)
    except policy.Refused as refused:
        return _refused(request, form, refused)
    counted: dict[str, Any] = {"seen": seen, "report": primary.report(after.primary), "counted": _digest(form)}
    counted["effects"] = [(_label(one.setting), one) for one in policy_effects.of(now, after)]
    if _is_current(request):
        return _shown(request, form, **counted)
    counted["stale"] = [(_label(name), _text(saved), _text(given)) for name, saved, given in _differing(now, values)]
    return _shown(request, form, status=409, **counted, is_stale=True)


def _is_current(request: HttpRequest) -> bool:
    """Was the form opened on what is saved now?"""
    return request.POST.get("seen") == str(policy.version())


def _digest(form: PolicyForm) -> str:
    """Of what was counted: other values than these are counted anew before they are saved."""
    return hashlib.sha256(json.dumps(form.values(), sort_keys=True).encode()).hexdigest()[:32]


def _differing(now: Policy, values: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Each setting of which the form says something else than what is saved: what is saved, what the form says."""
    saved = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(now).items()}
    return [(name, saved[name], value) for name, value in values.items() if value != saved[name]]


def _save(request: HttpRequest, form: PolicyForm) -> HttpResponse:
    changed = {name: value for name, _, value in _differing(policy.current(), form.values())}
    by, reason, seen = pages.actor(request), form.cleaned_data["reason"], int(request.POST["seen"])
    try:
        if changed:
            policy.change(values=changed, actor=by, reason=reason, expected=seen)
    except policy.Refused as refused:
        return _refused(request, form, refused)
    except policy.Stale:
        return _count(request, form)
    if changed.keys() & {"sync", "profile_names"}:
        definitions.changed()
    told = ", ".join(sorted(map(_label, changed)))
    messages.success(request, f"Changed: {told}." if changed else "Nothing was different.")
    return redirect("admin:identity-policy")


def _refused(request: HttpRequest, form: PolicyForm, refused: policy.Refused) -> HttpResponse:
    setting = str(refused.extra.get("setting", ""))
    form.add_error(setting if setting in form.fields else None, refused.detail)
    return _shown(request, form, status=400)


def _shown(request: HttpRequest, form: PolicyForm, *, status: int = 200, **counted: Any) -> HttpResponse:
    """What was refused was not looked at against what is saved: it still stands on what the form was opened on."""
    row = IdentityPolicy.objects.filter(pk=1).first()
    by = pages.names([row.changed_by])[row.changed_by] if row else ""
    context = {"form": form, "row": row, "by": by, "may_change": request.user.has_perm(CHANGE)}
    context |= {"seen": request.POST.get("seen", ""), **counted}
    return pages.show(request, "policy", "Identity policy", status=status, **context)


def _label(setting: str) -> str:
    return {**LABELS, **OTHERS}[setting]


def _text(value: Any) -> str:
    """A setting's value as a person reads it."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items()) or "nothing"
    return (", ".join(value) if isinstance(value, list) else str(value)) or "nothing"


def _initial(now: Policy) -> dict[str, Any]:
    found = {name: value for name, value in asdict(now).items() if name in LABELS}
    found |= {f"sync_{feed}": wish for feed, wish in now.sync.items()}
    for name in ("blocked", "role_addresses"):
        found[name] = "\n".join(found[name])
    return {**found, **{f"limit_{name}": most for name, most in now.limits.items()}}


def _field(name: str) -> forms.Field:
    label, default = LABELS[name], getattr(Policy(), name)
    if name in CHOICES:
        words = [(choice, choice.replace("_", " ")) for choice in CHOICES[name]]
        return forms.ChoiceField(label=label, choices=words)
    if isinstance(default, tuple):
        return forms.CharField(label=label, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    if isinstance(default, int):
        return forms.IntegerField(label=label)
    return forms.CharField(label=label, required=False, max_length=2)
