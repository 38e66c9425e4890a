"""How does the API tell who may be one person, and take what people say to that?

Who may what: agents read and propose (`customers.add_matchsuggestion`); `merge_customer` accepts and rejects.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, mixins, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from common.ids import uuid7
from common.problems import Unknown
from common.refusing import refuses
from customers import audit, merging, suggestions
from customers.api import actor
from customers.idempotency import Answer
from customers.link_api import IDEMPOTENCY_KEY, JOINING, MERGE, MayJoin, Newest, once, plain, valid
from customers.link_shapes import ProposalSerializer, SnoozeSerializer, SuggestionSerializer
from customers.models import Customer, MatchSuggestion

VIEW, PROPOSE = "customers.view_customer", "customers.add_matchsuggestion"


class Suggestions(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[MatchSuggestion]):
    """Who may be the same person, the likeliest first; found by rules, or proposed by people."""

    queryset = MatchSuggestion.objects.select_related("a__root", "b__root")
    permission_classes = (MayJoin,)
    serializer_class = SuggestionSerializer
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    needs = {"create": PROPOSE, "accept": MERGE, "reject": MERGE, "snooze": VIEW}

    class Likeliest(Newest):
        ordering = ("-score", "-id")

    pagination_class = Likeliest

    def get_queryset(self) -> QuerySet[MatchSuggestion]:
        return super().get_queryset().shown() if self.action == "list" else super().get_queryset()  # type: ignore[attr-defined]  # our queryset

    @extend_schema(request=ProposalSerializer, responses={201: SuggestionSerializer}, parameters=[IDEMPOTENCY_KEY])
    @refuses(Unknown, suggestions.AlreadyOne, merging.Gone, merging.DistinctPair)
    def create(self, request: Request) -> Response:
        """Two who may be one, in your opinion: who may join customers decides. The same pair again says it anew."""
        given = valid(ProposalSerializer, request)
        return once(request, lambda: self._proposed(request, given))

    def _proposed(self, request: Request, given: dict[str, Any]) -> Answer:
        known = Customer.objects.kept().visible_to(request.user).select_related("root")
        one, other = (generics.get_object_or_404(known, public_id=given[side]) for side in ("left", "right"))
        found = suggestions.propose(one=one, other=other, by=actor(request), note=given["note"])
        audit.record(actor=actor(request), action="suggestion.propose", object_id=str(one.root.public_id))
        return Answer(201, plain(self.get_serializer(found).data))

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    @refuses(suggestions.Decided, *JOINING)
    def accept(self, request: Request, public_id: str) -> Response:
        """They are one: joins them, and looks at what else is suggested of them."""
        found = self.get_object()
        suggestions.accept(suggestion=found, actor=actor(request), request_id=f"suggestion:{uuid7()}")
        audit.record(actor=actor(request), action="customer.merge", object_id=str(found.a.root.public_id))
        return Response(self.get_serializer(found).data)

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    @refuses(suggestions.Decided)
    def reject(self, request: Request, public_id: str) -> Response:
        """They are two: nobody is asked again."""
        found = self.get_object()
        suggestions.reject(suggestion=found, actor=actor(request))
        return Response(self.get_serializer(found).data)

    @extend_schema(request=SnoozeSerializer, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    @refuses(suggestions.Decided, suggestions.BadTime)
    def snooze(self, request: Request, public_id: str) -> Response:
        """Not now: hidden until then, a year at most, or for a week."""
        found = self.get_object()
        suggestions.snooze(suggestion=found, until=valid(SnoozeSerializer, request).get("until"), actor=actor(request))
        return Response(self.get_serializer(found).data)


api_routes: list[tuple[str, Any, str]] = [("suggestions", Suggestions, "suggestion")]
