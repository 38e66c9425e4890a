"""How does an editor write an article? One field for each part; aliases one a line, the handover in three fields."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from conversations.answers import articles
from conversations.models import Article


class ArticleForm(forms.ModelForm):  # type: ignore[type-arg]  # takes no argument at run time
    """What is wrong is said beside its field; `articles.save` writes it."""

    aliases = forms.CharField(
        label="other ways to ask, one a line",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="A question that is a title or an alias as a whole is always answered with this article.",
    )
    skill = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text="Hands over after the answer, to somebody with this skill; empty: it does not.",
    )
    referrer = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget())
    channel = forms.CharField(required=False, widget=UnfoldAdminTextInputWidget())

    class Meta:
        model = Article
        fields = ("key", "language", "title", "body", "audience", "valid_from", "valid_to")
        widgets: ClassVar[dict[str, Any]] = {"body": UnfoldAdminTextareaWidget(attrs={"rows": 16})}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        given = self.initial.get("aliases", "")
        known = self.instance.aliases if self.instance.pk else [given] if isinstance(given, str) and given else []
        self.initial["aliases"] = "\n".join(known)
        for name in articles.HAND_OVER:
            self.initial[name] = (self.instance.hand_over or {}).get(name, "")

    def clean_aliases(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["aliases"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean_language(self) -> str:
        return str(self.cleaned_data["language"]).casefold()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            for name, text in articles.check(self.values()).items():
                self.add_error("skill" if name == "hand_over" else name, text)
        return data

    def values(self) -> dict[str, Any]:
        """The fields of the article as `articles.save` takes them."""
        # A field that the page shows as text only is not in the form.
        given = {name: self.cleaned_data[name] for name in articles.FIELDS if name in self.cleaned_data}
        kept = {name: getattr(self.instance, name) for name in articles.FIELDS if name not in given}
        asked = {name: self.cleaned_data.get(name, "").strip() for name in articles.HAND_OVER}
        return {**kept, **given, "hand_over": {name: text for name, text in asked.items() if text} or None}
