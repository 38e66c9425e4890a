"""Which fields has the form of a connection? Its secret headers are written there, and never shown again."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import httpx
from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from common import dialing, numbers, safe_http, targets
from conversations.models import Connection

KEY = re.compile(r"[a-z][a-z0-9_]*\Z")
LEAST_PORT = 1024  # below it only https' own: no mail, no shell, no database
PRIVATE = "A host that is not public needs the operator's setting CONNECTION_PRIVATE_HOSTS."
HEADERS_TEXT = (
    "One per line, like Authorization: Bearer 123. Stored encrypted and never shown again. Left empty, they stay."
)


class WriteOnlyTextarea(UnfoldAdminTextareaWidget):  # type: ignore[misc]  # Unfold has no types
    """What was typed is not sent back, not even on a page that says what is wrong."""

    def format_value(self, value: Any) -> str:
        return ""


class ConnectionForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """Secrets go in and never out; a new host has to be given them again."""

    methods = forms.MultipleChoiceField(
        choices=[(name, name) for name in Connection.METHODS], widget=UnfoldAdminCheckboxSelectMultipleWidget()
    )
    ports = forms.CharField(
        widget=UnfoldAdminTextInputWidget(), help_text="443, or ports from 1024 on, with commas between."
    )
    secret_headers = forms.CharField(
        required=False,
        help_text=HEADERS_TEXT,
        widget=WriteOnlyTextarea(attrs={"rows": 2, "spellcheck": "false", "autocomplete": "off"}),
    )
    drop_headers = forms.BooleanField(
        required=False, label="Drop the stored headers", widget=UnfoldBooleanSwitchWidget()
    )

    class Meta:
        model = Connection
        fields = (
            "key", "title", "base_url", "methods", "ports", "seconds", "max_bytes", "per_minute", "health_path",
            "cancel_path", "is_enabled",
        )  # fmt: skip
        labels: ClassVar[dict[str, str]] = {"base_url": "Base URL"}
        help_texts: ClassVar[dict[str, str]] = {
            "key": "What journeys call it: small letters, digits and _. It cannot be changed later.",
            "base_url": f"https only; paths of journeys go below it. {PRIVATE}",
            "seconds": "For one call as a whole, 10 at most.",
            "max_bytes": "The largest question and answer, 262144 at most.",
            "per_minute": "Calls in a minute, the rest waits; 0 for no limit.",
            "health_path": "What the button Test asks for, like /health.",
            "cancel_path": "Where a remote job is cancelled, like /jobs/{id}; empty if it cannot be.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = self.instance.headers if self.instance.pk else {}
        shown = f"stored: {', '.join(sorted(stored))}" if stored else "none"
        self.fields["secret_headers"].widget.attrs["placeholder"] = shown
        self.initial["methods"] = self.instance.methods
        self.initial["ports"] = ", ".join(map(str, self.instance.ports))
        self.before = self.instance.base_url if self.instance.pk else ""

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not KEY.match(key):
            raise forms.ValidationError("Begin with a small letter; then small letters, digits and _.")
        return key

    def clean_ports(self) -> list[int]:
        words = [word.strip() for word in self.cleaned_data["ports"].split(",") if word.strip()]
        found = [numbers.whole(word, digits=5) for word in words]
        ports = sorted({port for port in found if port is not None})
        if not words or None in found:
            raise forms.ValidationError("Give ports like 443, 8443.")
        if not all(port == 443 or LEAST_PORT <= port < 65536 for port in ports):
            raise forms.ValidationError("Only 443 and ports from 1024 to 65535 are possible.")
        return ports

    def clean_seconds(self) -> int:
        return self._within("seconds", 1, int(safe_http.CALL_SECONDS))

    def clean_max_bytes(self) -> int:
        return self._within("max_bytes", 1024, safe_http.CALL_BYTES)

    def clean_health_path(self) -> str:
        return self._path("health_path")

    def clean_cancel_path(self) -> str:
        return self._path("cancel_path")

    def clean_secret_headers(self) -> dict[str, str]:
        found = {}
        for line in self.cleaned_data["secret_headers"].splitlines():
            name, colon, value = line.partition(":")
            if not line.strip():
                continue
            if not colon or not safe_http.is_free_header(name.strip(), value.strip()):
                raise forms.ValidationError("One header per line, like Authorization: Bearer 123.")
            found[name.strip()] = value.strip()
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "base_url" in data and "ports" in data:
            try:
                if dialing.is_shut_out(safe_http.is_allowed(data["base_url"], data["ports"])):
                    self.add_error("base_url", f"This address is not public and would not be called. {PRIVATE}")
            except safe_http.Refused as error:
                self.add_error("base_url", f"{str(error).capitalize()}. {PRIVATE}")
        if self.is_elsewhere and self.instance.headers and not (data.get("secret_headers") or data.get("drop_headers")):
            self.add_error("secret_headers", "Another host: give it its headers again, or drop the stored ones.")
        return data

    @property
    def is_elsewhere(self) -> bool:
        """Do calls, and with them the secrets, go to another host than before?"""
        return bool(self.before) and _host(self.before) != _host(str(self.cleaned_data.get("base_url", "")))

    @property
    def has_new_headers(self) -> bool:
        return bool(self.cleaned_data.get("secret_headers") or self.cleaned_data.get("drop_headers"))

    def save(self, commit: bool = True) -> Any:
        if self.has_new_headers:
            self.instance.headers = self.cleaned_data["secret_headers"]
        return super().save(commit)

    def _within(self, name: str, least: int, most: int) -> int:
        value: int = self.cleaned_data[name]
        if not least <= value <= most:
            raise forms.ValidationError(f"From {least} to {most}.")
        return value

    def _path(self, name: str) -> str:
        path: str = self.cleaned_data[name].strip()
        try:
            targets.build("", path.replace("{id}", "x") or "/")
        except safe_http.Refused as error:
            raise forms.ValidationError(f"{str(error).capitalize()}: begin with a slash, no query.") from error
        return path


def _host(url: str) -> str:
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError):
        return ""
    return f"{found.scheme}://{found.netloc.decode()}"
