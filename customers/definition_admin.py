"""How are attributes defined? A form with every rule; a change is applied to everybody in the background."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from common.admin import Page
from customers import audit, definitions
from customers.attribute_rules import FEEDS
from customers.models import AttributeDefinition

WISHES = (
    ("", "as the identity policy says"),
    ("fill_empty", "only where nobody else has said anything"),
    ("take", "a value like any other"),
    ("ignore", "nothing: it is not kept"),
)
RULES = ("type", "choices", "policy", "on_disagreement", "sync")  # of these a change concerns what is shown


class DefinitionForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """Choices one a line; what each feed counts for beside them."""

    choices = forms.CharField(
        label="choices, one a line",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="For the types choice and list.",
    )

    class Meta:
        model = AttributeDefinition
        fields = (
            "key",
            "label",
            "type",
            "policy",
            "on_disagreement",
            "is_personal",
            "is_bot_visible",
            "description",
            "order",
        )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial["choices"] = "\n".join(self.instance.choices)
        for number, feed in enumerate(FEEDS):
            self.initial[f"feed_{number}"] = self.instance.sync.get(feed, "")

    def clean_choices(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines()]
        return list(dict.fromkeys(line[:200] for line in lines if line))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("type") == "choice" and len(given.get("choices", [])) < 2:
            self.add_error("choices", "Name at least two, one a line.")
        if given.get("policy") == "union" and given.get("type") != "list":
            self.add_error("policy", "Only lists can be put together.")
        if given.get("policy") in ("min", "max") and given.get("type") not in ("number", "date", "datetime"):
            self.add_error("policy", "Only numbers, dates and times are smaller or larger than others.")
        return given

    def save(self, commit: bool = True) -> AttributeDefinition:
        wishes = {feed: self.cleaned_data.get(f"feed_{number}", "") for number, feed in enumerate(FEEDS)}
        self.instance.sync = {feed: wish for feed, wish in wishes.items() if wish}
        self.instance.choices = self.cleaned_data["choices"]
        saved: AttributeDefinition = super().save(commit)
        return saved

    def concerns_what_is_shown(self) -> bool:
        """Is a rule another one than before?"""
        return any(name in RULES or name.startswith("feed_") for name in self.changed_data)


# Declared, as if written out above: the admin asks the class for them.
DefinitionForm.declared_fields |= {
    f"feed_{number}": forms.ChoiceField(
        label=f"What {words} says", choices=WISHES, required=False, widget=UnfoldAdminSelectWidget
    )
    for number, words in enumerate(FEEDS.values())
}


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(Page):
    """Every attribute that is defined; those built in are rows too."""

    form = DefinitionForm
    list_display = ("key", "label", "type", "policy", "on_disagreement", "is_personal", "is_archived", "order")
    list_filter = ("type", "policy", "is_archived")
    search_fields = ("key", "label")
    also_saved = ("choices", "sync")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        shown = ("is_personal", "is_bot_visible", "is_archived")
        what = ("key", "label", "description", "type", "choices", "order", *shown)
        feeds = tuple(f"feed_{number}" for number in range(len(FEEDS)))
        return ((None, {"fields": what}), ("Rules", {"fields": ("policy", "on_disagreement", *feeds)}))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # archive it: its values stay

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        assert isinstance(obj, AttributeDefinition)
        if not change or form.concerns_what_is_shown():
            definitions.changed(obj.key)
        definitions.forget()
        actor = f"user:{request.user.pk}"
        audit.record(actor=actor, action="attribute.define", object_id=obj.key, reason=" ".join(form.changed_data))
