"""How does a program write journeys? Draft with If-Match, lint, publish, versions, graph and translations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common import numbers
from common.problems import Problem
from common.refusing import refuses
from conversations import tasks
from conversations.authoring import shapes
from conversations.journeys import (
    catalogues,
    drafts,
    footfall,
    graph,
    inflight,
    publishing,
    reading,
    releasing,
    translating,
)
from conversations.journeys.graph import Graph
from conversations.models import Journey, JourneyRun, JourneyVersion
from customers.idempotency import Answer
from customers.link_api import once, valid

VIEW, ADD = "conversations.view_journey", "conversations.add_journey"
CHANGE, PUBLISH = "conversations.change_journey", "conversations.publish_journey"
ANY = "*"
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the draft that you have read."
)
ONCE = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, required=False,
    description="Needed unless `dry_run`; a repetition with the same body gets the first answer and changes nothing.",
)  # fmt: skip


class MatchMissing(Problem):
    """A draft is replaced only by who says which one they have read."""

    code = "if_match_missing"
    title = "Say with If-Match which draft you have read, or with If-None-Match: * that there is none."
    status = 428


class MayWrite(BasePermission):
    """The permission that the view names for the action, besides that to look at journeys."""

    def has_permission(self, request: Request, view: Any) -> bool:
        wanted = {VIEW, view.needs.get(view.action, VIEW)}
        return bool(request.user and request.user.has_perms(tuple(wanted)))


class Drafts(viewsets.GenericViewSet[Journey]):
    """The draft of a journey, what is wrong with it, and its publication."""

    queryset = Journey.objects.select_related("draft_by", "live_version").order_by("key")
    permission_classes = (MayWrite,)
    lookup_field = "key"
    pagination_class = None
    filter_backends = ()
    needs = {"write": CHANGE, "publish": PUBLISH, "translate": CHANGE}

    @extend_schema(responses=shapes.DraftSerializer)
    def read(self, request: Request, key: str) -> Response:
        """The draft; its revision is the ETag."""
        return _draft(self.get_object())

    @extend_schema(
        request=shapes.TextSerializer,
        responses=shapes.DraftSerializer,
        parameters=[IF_MATCH],
        operation_id="write_draft",
    )
    @refuses(MatchMissing, drafts.Changed, drafts.Unfit)
    def write(self, request: Request, key: str) -> Response:
        """Replaces the draft, broken or not; `draft_changed` (412) if somebody saved since.

        With `If-None-Match: *` instead of `If-Match` a journey that does not exist is begun (permission to add).
        """
        text = str(valid(shapes.TextSerializer, request)["text"])
        if request.headers.get("If-None-Match", "").strip() == ANY:
            if not request.user.has_perm(ADD):
                self.permission_denied(request)
            return _draft(
                drafts.begin(key=_key(key), title=_title(text) or key, by=request.user, text=text), status=201
            )
        journey = self.get_object()
        return _draft(drafts.save(journey_id=journey.pk, text=text, seen=_seen(request), by=request.user))

    @extend_schema(request=shapes.TextSerializer, responses=shapes.FindingSerializer(many=True))
    def lint(self, request: Request, key: str) -> Response:
        """What the linter says of a text, as if it were the journey's; nothing is stored."""
        self.get_object()
        found = drafts.findings(str(valid(shapes.TextSerializer, request)["text"]), key)
        return Response([asdict(one) for one in found])

    @extend_schema(
        request=shapes.PublishSerializer,
        responses={200: shapes.PlanSerializer, 201: shapes.PublishedSerializer},
        parameters=[ONCE],
    )
    @refuses(drafts.Changed, publishing.Refused, inflight.Refused)
    def publish(self, request: Request, key: str) -> Response:
        """Publishes the saved draft (`journey_refused` names its errors), or with `dry_run` says what would become of
        the runs that have begun."""
        given, journey = valid(shapes.PublishSerializer, request), self.get_object()
        wanted = releasing.Wanted(given["in_flight"], given["rename"], given["sentence"])
        if given["dry_run"]:
            return Response(shapes.PlanSerializer(releasing.rehearse(journey=journey, wanted=wanted)).data)
        return once(request, lambda: self._published(request, journey, given, wanted))

    def _published(self, request: Request, journey: Journey, given: dict[str, Any], wanted: releasing.Wanted) -> Answer:
        released = releasing.release(
            journey_id=journey.pk, seen=given["revision"], by=request.user, notes=given["notes"], wanted=wanted
        )
        transaction.on_commit(tasks.change_runs.delay, robust=True)
        return Answer(201, {"version": released.version.number, "in_flight": wanted.mode})


class Versions(viewsets.GenericViewSet[JourneyVersion]):
    """What was published of a journey, newest first."""

    queryset = JourneyVersion.objects.none()
    permission_classes = (MayWrite,)
    pagination_class = None
    filter_backends = ()
    needs: dict[str, str] = {}

    def rows(self, key: str) -> QuerySet[JourneyVersion]:
        journey = get_object_or_404(Journey, key=key)
        found = journey.versions.filter(number__gt=JourneyVersion.TRIAL).select_related("published_by")
        is_live = Case(When(pk=journey.live_version_id, then=Value(True)), default=False, output_field=BooleanField())
        is_open = Q(runs__status__in=JourneyRun.OPEN)
        return found.annotate(open_runs=Count("runs", filter=is_open), is_live=is_live).order_by("-number")

    @extend_schema(responses=shapes.VersionSerializer(many=True))
    def all(self, request: Request, key: str) -> Response:
        """Every version."""
        return Response(shapes.VersionSerializer(self.rows(key), many=True).data)

    @extend_schema(responses=shapes.WholeVersionSerializer)
    def one(self, request: Request, key: str, number: int) -> Response:
        """A version with its text."""
        return Response(shapes.WholeVersionSerializer(get_object_or_404(self.rows(key), number=number)).data)

    @extend_schema(
        responses=shapes.GraphSerializer,
        parameters=[OpenApiParameter("version", OpenApiTypes.INT, description="Instead of the draft.")],
    )
    def graph(self, request: Request, key: str) -> Response:
        """Steps, ways and counts of the draft (the counts of all versions), or of one version."""
        journey = get_object_or_404(Journey, key=key)
        wanted = request.query_params.get("version")
        number = numbers.whole(wanted or "", digits=9)
        if wanted is not None and number is None:
            raise ValidationError({"version": ["A version is a number."]})
        version = get_object_or_404(self.rows(key), number=number) if wanted else None
        loaded = reading.shaped(version.source if version else journey.draft)
        found = graph.of(loaded.data, loaded.lines) if loaded else None
        return Response(_graph(found, footfall.of(journey, version)))


class Translations(viewsets.GenericViewSet[Journey]):
    """The words of a draft in other languages."""

    queryset = Journey.objects.order_by("key")
    permission_classes = (MayWrite,)
    lookup_field = "key"
    pagination_class = None
    filter_backends = ()
    needs = {"write": CHANGE}

    @extend_schema(responses=shapes.ProgressSerializer(many=True))
    @refuses(drafts.Unfit)
    def all(self, request: Request, key: str) -> Response:
        """How complete each language is."""
        journey = self.get_object()
        found = translating.progress(_data(journey), journey.translated)
        return Response(shapes.ProgressSerializer(found, many=True).data)

    @extend_schema(responses=shapes.EntrySerializer(many=True), operation_id="journeys_translation_texts")
    @refuses(drafts.Unfit)
    def one(self, request: Request, key: str, language: str) -> Response:
        """Every text beside its translation."""
        journey = self.get_object()
        found = translating.entries(_data(journey), _language(language), journey.translated)
        return _tagged([asdict(entry) for entry in found], journey)

    @extend_schema(request=shapes.WordsSerializer, responses=shapes.TakenSerializer, parameters=[IF_MATCH])
    @refuses(MatchMissing, drafts.Changed, drafts.Unfit, catalogues.Broken, translating.Unwritable)
    def write(self, request: Request, key: str, language: str) -> Response:
        """Writes translations into the draft; texts that are not named, or empty, stay as they are."""
        journey, words = self.get_object(), valid(shapes.WordsSerializer, request)["translations"]
        bases = translating.lines(_data(journey))
        rows = [
            catalogues.Row(number, name, bases.get(name, ""), text)
            for number, (name, text) in enumerate(words.items(), start=1)
        ]
        taken = catalogues.put(
            journey=journey, language=_language(language), rows=rows, seen=_seen(request), by=request.user
        )
        return Response(shapes.TakenSerializer(taken).data)


def _graph(found: Graph | None, counts: dict[str, footfall.Footfall]) -> dict[str, Any]:
    nodes = [
        {"id": node.id, "type": node.type, "title": node.title, "line": node.line}
        | asdict(counts.get(node.id, footfall.Footfall()))
        for node in (found.nodes.values() if found else ())
    ]
    ways = [{"source": way.source, "target": way.target, "labels": way.labels} for way in (found.ways if found else ())]
    return {"nodes": nodes, "ways": ways}


def _draft(journey: Journey, status: int = 200) -> Response:
    return _tagged(shapes.DraftSerializer(journey).data, journey, status)


def _tagged(data: Any, journey: Journey, status: int = 200) -> Response:
    return Response(data, status=status, headers={"ETag": f'"{journey.draft_revision}"'})


def _seen(request: Request) -> int:
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given:
        raise MatchMissing()
    found = numbers.whole(given, digits=9)
    return -1 if found is None else found


def _data(journey: Journey) -> dict[str, Any]:
    loaded = reading.shaped(journey.draft)
    if loaded is None:
        raise drafts.Unfit("the draft has not the shape of a journey")
    data: dict[str, Any] = loaded.data
    return data


def _language(given: str) -> str:
    if not translating.LANGUAGE.fullmatch(given):
        raise ValidationError({"language": ["Two small letters, such as es."]})
    return given


def _key(given: str) -> str:
    if not drafts.KEY.fullmatch(given):
        raise ValidationError({"key": ["Small letters, digits and _, a letter first."]})
    return given


def _title(text: str) -> str:
    loaded = reading.shaped(text)
    return str(loaded.data["title"])[:120] if loaded else ""


urls = [
    path("journeys/<str:key>/draft/", Drafts.as_view({"get": "read", "put": "write"}), name="journey-draft"),
    path("journeys/<str:key>/lint/", Drafts.as_view({"post": "lint"}), name="journey-lint"),
    path("journeys/<str:key>/publish/", Drafts.as_view({"post": "publish"}), name="journey-publish"),
    path("journeys/<str:key>/versions/", Versions.as_view({"get": "all"}), name="journey-versions"),
    path("journeys/<str:key>/versions/<int:number>/", Versions.as_view({"get": "one"}), name="journey-version"),
    path("journeys/<str:key>/graph/", Versions.as_view({"get": "graph"}), name="journey-graph"),
    path("journeys/<str:key>/translations/", Translations.as_view({"get": "all"}), name="journey-translations"),
    path(
        "journeys/<str:key>/translations/<str:language>/",
        Translations.as_view({"get": "one", "put": "write"}),
        name="journey-language",
    ),
]
