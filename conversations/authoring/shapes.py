"""How do drafts, versions, graphs and translations look to a program?"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conversations.journeys import inflight, loader
from conversations.models import Journey, JourneyVersion

ID = r"^[a-z][a-z0-9_]*$"
Shape = serializers.Serializer[Any]


class FindingSerializer(Shape):
    """What the linter found; `line` counts from 1, `rule` is `yaml`, `schema` or L1-L19."""

    rule = serializers.CharField()
    level = serializers.ChoiceField(["error", "warning"])
    line = serializers.IntegerField()
    step = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)


class TextSerializer(Shape):
    """A journey as YAML, broken or not."""

    text = serializers.CharField(max_length=loader.MAX_BYTES, trim_whitespace=False)


class DraftSerializer(serializers.ModelSerializer[Journey]):
    """The draft; `revision` rises with every change, and stands in the ETag."""

    revision = serializers.IntegerField(source="draft_revision")
    text = serializers.CharField(source="draft")
    saved_at = serializers.DateTimeField(source="draft_at", allow_null=True)
    saved_by = serializers.CharField(source="draft_by.username", default=None, allow_null=True)

    class Meta:
        model = Journey
        fields = ("key", "title", "revision", "text", "saved_at", "saved_by")


class PublishSerializer(Shape):
    """What to publish, and what becomes of the runs that have begun; with `dry_run` nothing is changed."""

    revision = serializers.IntegerField(help_text="The draft's revision that you have looked at.")
    notes = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    in_flight = serializers.ChoiceField(inflight.MODES, default="keep")
    rename = serializers.DictField(
        child=serializers.RegexField(ID, max_length=64), required=False, default=dict, help_text="Old step ids to new."
    )
    sentence = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    dry_run = serializers.BooleanField(default=False)


class ReasonSerializer(Shape):
    """Why some runs are kept."""

    reason = serializers.CharField()
    runs = serializers.IntegerField()


class PlanSerializer(Shape):
    """What publishing would do, or has done so far, to the runs of older versions."""

    open_runs = serializers.IntegerField()
    changed = serializers.IntegerField()
    kept = serializers.IntegerField()
    reasons = serializers.SerializerMethodField()

    def get_reasons(self, plan: inflight.Plan) -> list[dict[str, Any]]:
        return [{"reason": reason, "runs": count} for reason, count in plan.reasons]


class PublishedSerializer(Shape):
    """The version that is live now; the runs are changed in the background."""

    version = serializers.IntegerField()
    in_flight = serializers.ChoiceField(inflight.MODES)


class VersionSerializer(serializers.ModelSerializer[JourneyVersion]):
    """A published version in the list."""

    published_by = serializers.CharField(source="published_by.username", default=None, allow_null=True)
    open_runs = serializers.IntegerField()
    is_live = serializers.BooleanField()

    class Meta:
        model = JourneyVersion
        fields: tuple[str, ...] = (
            "number", "sha256", "published_at", "published_by", "notes", "open_runs", "is_live",
        )  # fmt: skip


class WholeVersionSerializer(VersionSerializer):
    """A version with its text and its canonical definition."""

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "source", "definition")


class NodeSerializer(Shape):
    """A step, with how many runs entered it, stand there now and were left there."""

    id = serializers.CharField()
    type = serializers.CharField()
    title = serializers.CharField()
    line = serializers.IntegerField()
    entered = serializers.IntegerField()
    waiting = serializers.IntegerField()
    left = serializers.IntegerField()


class WaySerializer(Shape):
    """From a step to another, under the names that lead there."""

    # The field is named as people name it, though the base class has an attribute of that name.
    source = serializers.CharField()  # type: ignore[assignment]  # see above
    target = serializers.CharField()
    labels = serializers.ListField(child=serializers.CharField())


class GraphSerializer(Shape):
    """The steps of a journey and the ways between them; empty while the draft has not the shape of a journey."""

    nodes = NodeSerializer(many=True)
    ways = WaySerializer(many=True)


class ProgressSerializer(Shape):
    """How complete a language is; stale are texts whose original was changed since."""

    language = serializers.CharField()
    total = serializers.IntegerField()
    missing = serializers.IntegerField()
    stale = serializers.IntegerField()
    percent = serializers.IntegerField()


class EntrySerializer(Shape):
    """One text beside its translation."""

    key = serializers.CharField()
    base = serializers.CharField()
    words = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(["done", "stale", "missing"])


class WordsSerializer(Shape):
    """Translations by `step.property`."""

    translations = serializers.DictField(child=serializers.CharField(max_length=4000, allow_blank=True))


class TakenSerializer(Shape):
    """How many texts were written into the draft, and what is to be said about some."""

    revision = serializers.IntegerField()
    written = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField())
