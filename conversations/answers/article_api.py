"""How does a program read, write, publish and search articles? Each verb takes the right that the back office takes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from common.filtering import plain
from common.pages import CursorPages
from common.refusing import refuses
from conversations import knowledge
from conversations.answers import articles
from conversations.models import Article
from customers.idempotency import Answer
from customers.link_api import IDEMPOTENCY_KEY, once
from customers.link_api import plain as as_json

PUBLISH = "conversations.publish_article"
VERBS = {"create": "add", "partial_update": "change", "destroy": "delete", "publish": "publish", "withdraw": "publish"}
LONGEST = 500  # characters of a question


class MayWrite(BasePermission):
    """Reading takes the view permission, each change its own; what is published only a publisher changes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        wanted = f"conversations.{VERBS.get(view.action or '', 'view')}_article"
        return bool(user and user.is_authenticated and user.has_perms(["conversations.view_article", wanted]))

    def has_object_permission(self, request: Request, view: Any, obj: Article) -> bool:
        is_change = view.action in ("partial_update", "destroy")
        return not is_change or obj.state == Article.State.DRAFT or bool(request.user.has_perm(PUBLISH))


class HandOverSerializer(serializers.Serializer[Any]):
    """Who goes on after the answer, as a handover step says it."""

    skill = serializers.CharField(max_length=64)
    referrer = serializers.CharField(max_length=200, required=False)
    channel = serializers.CharField(max_length=64, required=False)


class ArticleSerializer(serializers.ModelSerializer[Article]):
    """One answer in one language; the versions in other languages have the same `key`."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    aliases = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    hand_over = HandOverSerializer(required=False, allow_null=True)

    class Meta:
        model = Article
        fields = ("id", *articles.FIELDS, "state", "helped", "left_open", "published_at", "updated_at")
        read_only_fields = ("state", "helped", "left_open", "published_at", "updated_at")
        validators = ()  # the key is looked at by the action, whose refusal says the same to everybody

    def create(self, validated_data: dict[str, Any]) -> Article:
        return articles.save(article=None, values=validated_data, by=self.context["request"].user)

    def update(self, instance: Article, validated_data: dict[str, Any]) -> Article:
        return articles.save(article=instance, values=validated_data, by=self.context["request"].user)


class HitSerializer(serializers.Serializer[Any]):
    """An article that may be meant: its rank from 0 to 1, and how many of the question's words it has."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    language = serializers.CharField()
    title = serializers.CharField()
    rank = serializers.FloatField()
    covered = serializers.IntegerField()
    of = serializers.IntegerField()


class FoundSerializer(serializers.Serializer[Any]):
    """`sure`: the bot answers with the first; `unsure`: it offers all of these; `none`: it has no answer."""

    decision = serializers.ChoiceField(choices=["sure", "unsure", "none"])
    asked = serializers.CharField(help_text="The question as it was looked for, misspelt words put right.")
    hits = HitSerializer(many=True)


class NewestFirst(CursorPages):
    ordering = "-id"
    page_size = 50


class ArticleViewSet(viewsets.ModelViewSet[Article]):
    """Articles, by id; filters `key`, `language`, `state` and `audience`."""

    queryset = Article.objects.defer("search", "words").order_by("-id")
    serializer_class = ArticleSerializer
    permission_classes = (MayWrite,)
    pagination_class = NewestFirst
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filterset_fields = ("key", "language", "state", "audience")
    http_method_names = ("get", "post", "patch", "delete", "head", "options")

    @extend_schema(parameters=[IDEMPOTENCY_KEY])
    @refuses(articles.Refused)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A draft: the bot does not know it before it is published."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        return once(request, lambda: Answer(201, as_json(self._shown(given.save()).data)))

    @refuses(articles.Refused)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is not named stays as it is."""
        return super().partial_update(request, *args, **kwargs)

    def perform_destroy(self, instance: Article) -> None:
        articles.remove([instance], by=self.request.user)

    @extend_schema(request=None, responses=ArticleSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, public_id: str) -> Response:
        """The bot answers with it from now on."""
        row = self.get_object()
        articles.publish([row], by=request.user)
        return Response(self._shown(row).data)

    @extend_schema(request=None, responses=ArticleSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, public_id: str) -> Response:
        """It is a draft again, and the bot does not know it any more."""
        row = self.get_object()
        articles.withdraw([row], by=request.user)
        return Response(self._shown(row).data)

    @extend_schema(
        operation_id="articles_search",
        parameters=[
            OpenApiParameter("q", str, required=True, description="The question, as a customer would write it."),
            OpenApiParameter("language", str, description="What the customer speaks, if it is known."),
            OpenApiParameter("private", bool, description="Is it proven who asks? Else private articles are left out."),
        ],
        responses=FoundSerializer,
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def search(self, request: Request) -> Response:
        """What the bot would answer, and how sure it would be. Nothing is said, and no miss is noted."""
        asked = plain(request)
        question, language = asked.get("q", "").strip(), asked.get("language", "")
        if not question or len(question) > LONGEST:
            raise exceptions.ValidationError({"q": [f"Ask a question of at most {LONGEST} characters."]})
        private = asked.get("private", "").lower() in ("1", "true", "yes")
        found = knowledge.find(question, languages=knowledge.spoken(language), private=private, at_home=language)
        rows = Article.objects.only("public_id", "language").in_bulk([hit.id for hit in found.hits])
        hits = [
            {
                "id": rows[hit.id].public_id,
                "key": hit.key,
                "language": rows[hit.id].language,
                "title": hit.title,
                "rank": round(hit.rank, 3),
                "covered": hit.covered,
                "of": hit.of,
            }
            for hit in found.hits
        ]
        body = {"decision": found.decision, "asked": found.asked, "hits": hits}
        return Response(FoundSerializer(body).data)

    def _shown(self, row: Article) -> BaseSerializer[Article]:
        return self.get_serializer(row)
