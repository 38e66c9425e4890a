"""What was it about? The subject of the last words with a person, as its author called it.

In this order: the open journey and its step; the article that answered last; the last order or cart; the journey that
was last spoken about.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from conversations import shopping
from conversations.answers.talk import ANSWERED
from conversations.journeys import progress, stack
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.models import Article, Conversation, ConversationEvent, JourneyRun

SPOKEN = ("journey_started", "journey_step")  # a run goes along into the next conversation; its events stay
LOOKED_AT = 5  # how many may be passed over because they may not be named here


def of_scene(scene: Scene, since: datetime, *, besides: int = 0) -> str:
    """The newest subject that this session may know of, since then; '' if there is nothing to name.

    `besides`: the id of a version that asks, and is no subject itself.
    """
    opened = open_run(scene, besides=besides)
    if opened is not None:
        return of_open(opened, _spoken(scene))
    runs = JourneyRun.objects.filter(customer__root_id=scene.root.pk, touched_at__gt=since)
    runs = runs.exclude(version_id=besides)
    return of_article(_told(scene.root.pk, since), scene) or of_shopping(scene, since) or of_journeys(runs, scene)


def open_run(scene: Scene, *, besides: int = 0) -> JourneyRun | None:
    """The journey in front, or the newest suspended one, that this session may know of."""
    found = (run for run in scene.runs if run.version_id != besides)
    return next((run for run in found if is_journey(run) and may_name(run, scene)), None)


def of_open(run: JourneyRun, language: str = "") -> str:
    """An open journey's title, and where in it."""
    version = progress.version_of(run)
    return f"{version.called(language)} ({version.label(run.step_id, language)})"


def of_conversation(conversation: Conversation, scene: Scene | None = None, language: str = "") -> str:
    """What one conversation was about; '' if nothing tells, or nothing that may be named in this scene.

    A journey is named in the language of the scene, else in this one.
    """
    if article := of_article(conversation.events.all(), scene):
        return article
    told = conversation.events.filter(kind__in=SPOKEN).order_by("-seq").values_list("data", flat=True)
    ids = {data.get("run") for data in told[:LOOKED_AT]}
    return of_journeys(JourneyRun.objects.filter(pk__in=ids), scene, language)


def of_article(told: QuerySet[ConversationEvent], scene: Scene | None = None) -> str:
    """The title of the article that answered last, in the language of then."""
    rows = told.filter(kind=ANSWERED).select_related("session").order_by("-recorded_at", "-pk")
    for row in rows[:LOOKED_AT]:
        if scene is not None and (row.session is None or not scene.sees(row.session.identity_id, *row.session.proven)):
            continue
        found = Article.objects.filter(key=row.data.get("article"), state=Article.State.PUBLISHED)
        titles = dict(found.values_list("language", "title"))
        if titles:
            return str(titles.get(row.data.get("language")) or next(iter(titles.values())))
    return ""


def of_shopping(scene: Scene, since: datetime) -> str:
    """The last order or cart, by its line."""
    found = shopping.latest(scene.root.pk, scene)
    return found.line if found is not None and found.occurred_at > since else ""


def of_journeys(runs: QuerySet[JourneyRun], scene: Scene | None = None, language: str = "") -> str:
    """The title of the journey among these that was last spoken about."""
    found = runs.filter(purpose="journey").exclude(version__journey__key=MAIN_MENU)
    for run in found.select_related("session").order_by("-touched_at", "-pk")[:LOOKED_AT]:
        if scene is None or may_name(run, scene):
            return progress.version_of(run).called(_spoken(scene) if scene else language)
    return ""


def _spoken(scene: Scene) -> str:
    return str(scene.attributes.get("language") or "")


def _told(root_id: int, since: datetime) -> QuerySet[ConversationEvent]:
    """What was noted in the person's last conversations."""
    spoken = Conversation.objects.of_person(root_id).filter(last_message_at__gt=since)
    ids = list(spoken.order_by("-last_message_at").values_list("pk", flat=True)[:LOOKED_AT])
    return ConversationEvent.objects.filter(conversation_id__in=ids, recorded_at__gt=since)


def is_journey(run: JourneyRun) -> bool:
    """A journey of its own: no main menu, no pre-chat questions."""
    return run.purpose == "journey" and progress.version_of(run).key != MAIN_MENU


def may_name(run: JourneyRun, scene: Scene) -> bool:
    """May this session know that the journey was begun? It was said where it looks, and asks for no more proof."""
    return stack.is_seen(run, scene) and progress.version_of(run).policy.requires == "none"
