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
    """The form: it counts whom it would concern, and only what was counted like this is saved."""
    pages.needs(request, VIEW)
    policy.forget()
    if request.method != "POST":
        return _shown(request, PolicyForm(initial=_initial(policy.current())))
    pages.needs(request, CHANGE)
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, status=400)
    if "check" in request.POST or request.POST.get("counted") != _digest(form):
        return _count(request, form)
    return _save(request, form)


def _count(request: HttpRequest, form: PolicyForm) -> HttpResponse:
    """Whom it would concern; nothing is changed."""
    now = policy.current()
    try:
        after = policy.tried(form.values())
    except policy.Refused as refused:
        return _refused(request, form, refused)
    report, effects = primary.report(after.primary), policy_effects.of(now, after)
    return _shown(request, form, report=report, effects=effects, counted=_digest(form))


def _digest(form: PolicyForm) -> str:
    """Of what was counted: other values than these are counted anew before they are saved."""
    return hashlib.sha256(json.dumps(form.values(), sort_keys=True).encode()).hexdigest()[:32]


def _save(request: HttpRequest, form: PolicyForm) -> HttpResponse:
    now = asdict(policy.current())
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in now.items()}
    changed = {name: value for name, value in form.values().items() if value != plain[name]}
    try:
        if changed:
            policy.change(values=changed, actor=pages.actor(request), reason=form.cleaned_data["reason"])
    except policy.Refused as refused:
        return _refused(request, form, refused)
    if changed.keys() & {"sync", "profile_names"}:
        definitions.changed()
    messages.success(request, f"Changed: {', '.join(sorted(changed))}." if changed else "Nothing was different.")
    return redirect("admin:identity-policy")


def _refused(request: HttpRequest, form: PolicyForm, refused: policy.Refused) -> HttpResponse:
    setting = str(refused.extra.get("setting", ""))
    form.add_error(setting if setting in form.fields else None, refused.detail)
    return _shown(request, form, status=400)


def _shown(request: HttpRequest, form: PolicyForm, *, status: int = 200, **counted: Any) -> HttpResponse:
    row = IdentityPolicy.objects.filter(pk=1).first()
    by = pages.names([row.changed_by])[row.changed_by] if row else ""
    may_change = request.user.has_perm(CHANGE)
    context = {"form": form, "row": row, "by": by, "may_change": may_change, **counted}
    return pages.show(request, "policy", "Identity policy", status=status, **context)


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
