"""Which fields does the form of a channel have? Those that its adapter names; secrets are written there, never read.

A new channel is named first and filled in afterwards, for its fields depend on its kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.html import escape
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from channels_app import registry, secret_hosts
from channels_app.channel_labels import GROUPS, label
from channels_app.models import Channel
from common.numbers import YEAR_MINUTES, strict_json

# What every channel may set, besides what its adapter names.
COMMON = {
    "rate_per_second": "How many messages may leave in a second; 0 for no limit. Empty: what the provider allows.",
    "pair_seconds": "Seconds between two messages to the same person. Empty: what the provider asks for.",
    "silent_after_minutes": "Ring after so long without an inbound event; 0 never. Empty: the channel's habit decides.",
    "hush_minutes": "How long the bot keeps still after staff wrote from the provider's own app. Empty: 240.",
    "staff_name": "How such staff are called in the timeline. Empty: Phone app.",
}
# The most that each of these numbers may be; and the least of those that are divided by.
NUMBERS: Mapping[str, int] = {
    "rate_per_second": 10_000, "pair_seconds": 86_400, "silent_after_minutes": YEAR_MINUTES,
    "hush_minutes": YEAR_MINUTES, "idle_minutes": YEAR_MINUTES,
}  # fmt: skip
WHOLE = ("imap_port", "smtp_port", "file_max_mb")  # read as numbers by their adapters
LISTS = ("file_kinds",)
SLOWEST = 0.001
SETTING, SECRET, DROP = "setting_", "secret_", "drop_"
Fields = dict[str, forms.Field]


class NewChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """Which kind, and under which name? The rest comes on the next page."""

    class Meta:
        model = Channel
        fields = ("kind", "key", "title", "account")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [(kind, registry.adapter(kind).title) for kind in registry.kinds()]
        self.fields["kind"] = forms.ChoiceField(choices=titles, widget=UnfoldAdminSelectWidget())
        self.fields["key"].help_text = "Your own name of it, in URLs and logs; it cannot be changed later."
        self.fields["account"].help_text = "The provider's id of the account: phone number id, page, bot, address."

    def clean_account(self) -> str:
        return _unique(self)


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """Settings as they are; a secret's field is empty, and left empty the stored one stays."""

    other_settings = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Settings without a field of their own, as one JSON object.",
    )
    described: ClassVar[Mapping[str, str]] = {}
    secret_names: ClassVar[tuple[str, ...]] = ()
    switches: ClassVar[Mapping[str, bool]] = {}

    class Meta:
        model = Channel
        fields = ("title", "account", "allowed_origins", "is_enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        config = dict(self.instance.config or {})
        self.before = dict(config)
        for name in self.described:
            given = config.pop(name, self.switches.get(name, ""))
            self.initial[SETTING + name] = given is True if name in self.switches else _shown(given)
        self.initial["other_settings"] = json.dumps(config) if config else ""

    def clean_account(self) -> str:
        return _unique(self)

    def clean_other_settings(self) -> dict[str, Any]:
        text = self.cleaned_data["other_settings"].strip()
        try:
            given = strict_json(text) if text else {}
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}") from error
        if not isinstance(given, dict):
            raise forms.ValidationError("Give one JSON object.")
        return given

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in NUMBERS:
            if SETTING + name in self.fields and (said := _trouble(name, str(data.get(SETTING + name) or "0"))):
                self.add_error(SETTING + name, said)
        if not self.errors:
            self._check_hosts()
        if other := _other_app(self):
            self.add_error(SECRET + "app_secret", f"{other} has the same app word and another secret: one app has one.")
        return data

    def save(self, commit: bool = True) -> Any:
        self.instance.config = self._config()
        self.instance.credentials = self.credentials()
        return super().save(commit)

    @property
    def new_secrets(self) -> list[str]:
        """The names of the secrets that this form writes or drops; never their values."""
        written = [name for name in self.secret_names if self.cleaned_data.get(SECRET + name)]
        return written + [f"{name}_previous" for name in self.secret_names if self.cleaned_data.get(DROP + name)]

    @property
    def new_hosts(self) -> list[str]:
        """The settings of this form by which secrets go to another place than before."""
        return secret_hosts.moved(self.before, self._config())

    def _check_hosts(self) -> None:
        """A stored secret is never sent to a place that was named later: it has to be entered with it."""
        now = self._config()
        known = self.instance.credentials or {}
        stored = [name for name in known if known[name] and not name.endswith("_previous")]
        for name in secret_hosts.moved(self.before, now):
            field = SETTING + name if SETTING + name in self.fields else "other_settings"
            if said := secret_hosts.trouble(name, now):
                self.add_error(field, said)
            for secret in secret_hosts.needed(name, stored):
                if not self.cleaned_data.get(SECRET + secret):
                    text = f"{name} says where this secret is sent. It was changed: enter the secret anew."
                    self.add_error(SECRET + secret if SECRET + secret in self.fields else field, text)

    def _config(self) -> dict[str, Any]:
        before = self.instance.config or {}
        found: dict[str, Any] = dict(self.cleaned_data["other_settings"])
        for name in self.described:
            given = self.cleaned_data[SETTING + name]
            if name in self.switches:
                found |= {name: given} if name in before or given is not self.switches[name] else {}
            elif name in LISTS and given.strip():
                found[name] = re.findall(r"[\w-]+", given)
            elif text := given.strip():
                found[name] = _kept(text, before.get(name), is_number=name in NUMBERS or name in WHOLE)
        return found

    def credentials(self) -> dict[str, str]:
        """A new secret beside the one before it: both are accepted until the older one is dropped."""
        found = dict(self.instance.credentials or {})
        for name in self.secret_names:
            new, old = self.cleaned_data.get(SECRET + name), found.get(name)
            if self.cleaned_data.get(DROP + name):
                found.pop(f"{name}_previous", None)
            if new and new != old:
                found |= {f"{name}_previous": old} if old else {}
                found[name] = new
        return found


def form_of(channel: Channel) -> type[ChannelForm]:
    """The form of this very channel, by its adapter."""
    if channel.kind not in registry.kinds():
        return ChannelForm
    adapter = registry.adapter(channel.kind)
    described = {**adapter.settings, **COMMON}
    stored = channel.credentials or {}
    needed = {*adapter.required_settings, *adapter.required_secrets}
    fields: Fields = {
        SETTING + name: _switch(name, text) if name in adapter.switches else _setting(name, text, name in needed)
        for name, text in described.items()
    }
    for name, text in adapter.secrets.items():
        fields[SECRET + name] = _secret(name, text, name in needed, bool(stored.get(name)))
        if stored.get(f"{name}_previous"):
            fields[DROP + name] = _drop(name)
    names = {"described": described, "secret_names": tuple(adapter.secrets), "switches": adapter.switches}
    return type("ChannelForm", (ChannelForm,), {**fields, **names})


def groups_of(channel: Channel) -> list[tuple[str, dict[str, Any]]]:
    """The same fields as the page shows them."""
    declared = form_of(channel).declared_fields
    adapter_settings = registry.adapter(channel.kind).settings if channel.kind in registry.kinds() else {}
    own = [SETTING + name for name in adapter_settings]
    common = [name for name in declared if name.startswith(SETTING) and name not in own]
    secrets = [name for name in declared if name.startswith((SECRET, DROP))]
    shown = ["title", "kind", "key", "account", "is_enabled", "stopped_reason", "webhook_url"]
    grouped = {
        title: [name for name in own + secrets if name.split("_", 1)[1].startswith(prefix)]
        for prefix, title in GROUPS.items()
    }
    apart = {name for names in grouped.values() for name in names}
    own, secrets = ([name for name in names if name not in apart] for names in (own, secrets))
    groups: list[tuple[str, dict[str, Any]]] = [("", {"fields": shown}), ("Settings", {"fields": own})]
    groups += [(title, {"fields": names}) for title, names in grouped.items()]
    groups += [("Secrets", {"fields": secrets, "description": SECRETS_TEXT})] if secrets else []
    groups += [("Pace and alarms", {"fields": common})] if common else []
    origins = ["allowed_origins"] if channel.kind == "web" else []
    return [group for group in [*groups, ("More", {"fields": [*origins, "other_settings"]})] if group[1]["fields"]]


SECRETS_TEXT = "Stored encrypted and never shown again. Left empty, the stored one stays."


def webhook_url(channel: Channel) -> str:
    """What the provider has to be told; '' while the channel has no word for it, or needs none."""
    app = channel.config.get("app") if channel.config else ""
    return f"{settings.PUBLIC_URL}/webhooks/{channel.kind}/{app}" if app else ""


def _setting(name: str, text: str, is_needed: bool) -> forms.Field:
    """A channel may be saved half filled in, and says then what it lacks: the browser insists on nothing."""
    said = label(name, is_required=is_needed)
    return forms.CharField(required=False, label=said, help_text=escape(text), widget=UnfoldAdminTextInputWidget())


def _switch(name: str, text: str) -> forms.Field:
    said, widget = escape(text), UnfoldBooleanSwitchWidget()
    return forms.BooleanField(required=False, label=label(name), help_text=said, widget=widget)


def _secret(name: str, text: str, is_needed: bool, is_stored: bool) -> forms.Field:
    words = {"placeholder": "stored" if is_stored else "not set", "autocomplete": "new-password"}
    said = label(name, is_required=is_needed)
    widget = UnfoldAdminPasswordWidget(attrs=words, render_value=False)
    return forms.CharField(required=False, label=said, help_text=escape(text), widget=widget, strip=True)


def _drop(name: str) -> forms.Field:
    said = f"Drop the previous {label(name)}"
    text = "It is still accepted from the provider. Drop it once the new one is set there."
    return forms.BooleanField(required=False, label=said, help_text=escape(text), widget=UnfoldBooleanSwitchWidget())


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _kept(text: str, before: Any, *, is_number: bool) -> Any:
    """Text, unless the value is a number or has been something else than text before."""
    if not is_number and (before is None or isinstance(before, str)):
        return text
    try:
        return strict_json(text)
    except ValueError:
        return text


def _trouble(name: str, text: str) -> str:
    """What is wrong with a number, '' if nothing is."""
    try:
        number = float(strict_json(text))
    except (ValueError, TypeError, OverflowError):
        return "Give a number."
    if number < 0:
        return "This cannot be less than nothing."
    if number > NUMBERS[name]:
        return f"This can be {NUMBERS[name]} at most."
    return f"Give 0, or {SLOWEST} at least." if name == "rate_per_second" and 0 < number < SLOWEST else ""


def _other_app(form: ChannelForm) -> str:
    """The title of a channel behind the same address whose app has another secret, '' if there is none.

    Either app could post there for the other's account. A secret that is being rotated is still known to both.
    """
    word = str(form.cleaned_data.get(SETTING + "app") or "").strip()
    own = _app_secrets(form.credentials())
    if "app_secret" not in form.secret_names or not (word and own and form.cleaned_data.get("is_enabled")):
        return ""
    others = Channel.objects.filter(kind=form.instance.kind, config__app=word, is_enabled=True)
    known = ((other, _app_secrets(other.credentials or {})) for other in others.exclude(pk=form.instance.pk))
    return next((other.title for other, theirs in known if theirs and not theirs & own), "")


def _app_secrets(credentials: Mapping[str, Any]) -> set[str]:
    return {credentials[name] for name in ("app_secret", "app_secret_previous") if credentials.get(name)}


def _unique(form: forms.ModelForm) -> str:  # type: ignore[type-arg]  # takes no argument at run time
    """One account of a provider is one channel."""
    account: str = form.cleaned_data["account"].strip()
    kind = form.cleaned_data.get("kind") or form.instance.kind
    taken = Channel.objects.filter(kind=kind, account=account).exclude(pk=form.instance.pk)
    if account and taken.exists():
        raise forms.ValidationError("This account is connected already.")
    return account
