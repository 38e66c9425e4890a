"""How are ready words and macros written down? Forms of their page; what could not be filled in later is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handover import macros, ready
from handover.models import Agent, CannedReply, Macro, Queue, Tag

MINE, ALL = "me", "all"


class WhoseForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """For whom the words are: oneself, a queue that one leads, or everybody."""

    whose = forms.ChoiceField(label=_("For"))

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent
        queues = [(f"queue:{queue.key}", queue.title) for queue in ready.led(agent)]
        everybody = [(ALL, _("Everybody"))] if agent.user.is_superuser else []
        _offer(self, "whose", [(MINE, _("Only me")), *queues, *everybody])
        self.initial.setdefault("whose", _whose(self.instance))
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "field")

    def clean_whose(self) -> str:
        chosen: str = self.cleaned_data["whose"]
        self.instance.owner = self.agent if chosen == MINE else None
        key = chosen.removeprefix("queue:") if chosen.startswith("queue:") else None
        self.instance.queue = Queue.objects.get(key=key) if key else None
        return chosen


class ReplyForm(WhoseForm):
    """A ready reply; its shortcut is typed behind the `/`."""

    class Meta:
        model = CannedReply
        fields = ("title", "shortcut", "language", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 6, "maxlength": 4000, "dir": "auto"})}

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > 4000:
            raise forms.ValidationError(_("At most 4,000 characters."))
        if flaw := ready.flaw(text):
            raise forms.ValidationError(flaw)
        return text

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        same = CannedReply.objects.filter(
            shortcut=given.get("shortcut"),
            language=given.get("language") or "",
            owner=self.instance.owner,
            queue=self.instance.queue,
        )
        if given.get("shortcut") and same.exclude(pk=self.instance.pk).exists():
            self.add_error("shortcut", _("There are such words already, for the same people in the same language."))
        return given


class MacroForm(WhoseForm):
    """A macro; its steps are read by the formset below."""

    class Meta:
        model = Macro
        fields = ("title",)


class StepForm(forms.Form):
    """One step; which of the fields counts depends on what it does."""

    do = forms.ChoiceField(required=False, label=_("Does"))
    text = forms.CharField(
        required=False,
        label=_("Words"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto", "class": "field"}),
    )
    tag = forms.ChoiceField(required=False, label=_("Topic"))
    queue = forms.ChoiceField(required=False, label=_("Queue"))
    hours = forms.IntegerField(required=False, label=_("Hours"), min_value=1, max_value=168)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        doings = {
            "reply": _("Reply"),
            "note": _("Private note"),
            "tag": _("Tag"),
            "transfer": _("Transfer"),
            "park": _("Park"),
            "close": _("Close"),
        }
        tags = Tag.objects.filter(is_archived=False).order_by("title").values_list("key", "title")
        queues = Queue.objects.filter(is_archived=False).order_by("title").values_list("key", "title")
        for name, choices in (("do", doings.items()), ("tag", tags), ("queue", queues)):
            _offer(self, name, [("", "–"), *choices])
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "field")

    def action(self) -> dict[str, Any] | None:
        """The step as it is stored, None for an empty line."""
        given = self.cleaned_data
        wanted = {
            "reply": ("text",),
            "note": ("text",),
            "tag": ("tag",),
            "transfer": ("queue", "text"),
            "park": ("hours",),
        }
        if not given.get("do"):
            return None
        return {"do": given["do"], **{name: given.get(name) for name in wanted.get(given["do"], ())}}


StepForms = forms.formset_factory(StepForm, extra=macros.MOST, max_num=macros.MOST, validate_max=True)


def _offer(form: forms.BaseForm, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """What a field lets one choose is known only when the form is made."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _whose(row: CannedReply | Macro) -> str:
    if row.pk is None or row.owner_id:
        return MINE
    return f"queue:{row.queue.key}" if row.queue else ALL
