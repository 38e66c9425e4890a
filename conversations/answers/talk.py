"""How is an article said, how are some of them offered, and which of an offer did the customer take?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from conversations import capabilities, events, knowledge
from conversations.answers.plain import plain
from conversations.content import Choice, Option, Text
from conversations.journeys import matching, render
from conversations.journeys.commands import PREFIX as COMMAND
from conversations.journeys.matching import Row
from conversations.journeys.moves import MAIN_MENU
from conversations.journeys.scene import Scene
from conversations.journeys.sentences import labels, sentence
from conversations.journeys.state import Heard
from conversations.models import Article, ConversationEvent, Message

GO_ON = "go_on:"  # and of an offer to go on: the journey's key
TAP = "article:"  # what a tapped title carries, with the article's public id
RATE = "helped:"  # and of a tapped "yes" or "no" below an answer: `helped:yes-<public id>`
RATED = "article_rated"
ANSWERED, OFFERED, MISSED = "article_answered", "articles_offered", "question_missed"
UNFINISHED = "unfinished_offered"
BETWEEN = ("journey_started", "journey_step", "owner_changed")  # after these a miss is the first one again
STEP = "answer"
PARTS_MOST = 3  # messages that one answer may become on a channel; a longer one ends with a link
OPEN_FOR = timedelta(hours=24)
TWICE = timedelta(seconds=60)  # a second tap on the same title means no more than the first
LOOKED_AT = 50  # newest events of a conversation: whether an offer is still open

Wanted = Article | Literal["agent", "menu", "again", "stale", "twice", "continue"]


def say(scene: Scene, article: Article) -> Message | None:
    """Says the answer as this channel can show it, and notes which one it was: a topic to come back to."""
    can, spoken = capabilities.of(scene.session.kind), language(scene)
    words = sized(article, plain(article.body), can, spoken)
    is_rated = settings.KNOWLEDGE_FEEDBACK and can.buttons_max >= 2 and not can.numbered and not article.hand_over
    message = scene.say(_with_rating(article, words, spoken) if is_rated else Text(words), step_id=STEP)
    if message is not None:
        note(scene, ANSWERED, article=article.key, language=article.language, id=article.pk)
    return message


def sized(article: Article, words: str, can: capabilities.Capabilities, spoken: str) -> str:
    """The whole answer if it fits into few messages; else its beginning and a link (a private one has none)."""
    if article.audience == Article.Audience.PRIVATE or len(render.render(Text(words), can).messages) <= PARTS_MOST:
        return words
    link = f"{settings.PUBLIC_URL}{reverse('article', args=[article.public_id])}"
    ending = f"{render.BLANK}\n\n{sentence('read_on', spoken, link=link)}"
    room = can.text_limit - (len(ending.encode()) if can.counts_bytes else len(ending)) - 1
    head = words
    while len(render.render(Text(head), can).messages) > 1 or len(head) > room:
        head = render.split(head, max(min(len(head) - 1, room), 1), can.utf16)[0]
        room -= 20
    return f"{head}{ending}"


def offer(scene: Scene, hits: Sequence[int]) -> None:
    """Asks which of these articles is meant; a number, a title or a tap is the answer (`taken`)."""
    by_id = Article.objects.defer("search", "words").in_bulk(list(hits))
    rows = [by_id[pk] for pk in hits if pk in by_id]
    options = tuple(
        Option(row.public_id.hex, row.title, f"{TAP}{row.public_id.hex}", number=number)
        for number, row in enumerate(rows, start=1)
    )
    spoken = language(scene)
    if len(options) == 1:  # one title alone is no choice
        options = (*options, Option("menu", sentence("other", spoken), COMMAND + "menu", number=2))
    words = sentence("perhaps" if len(rows) == 1 else "which_answer", spoken)
    scene.say(Choice(words, options, button=sentence("choose", spoken), more=sentence("more", spoken)), step_id=STEP)
    note(scene, OFFERED, articles=[row.pk for row in rows])


def offer_agent(scene: Scene) -> None:
    """Nothing was found twice in a row: somebody of ours, or the menu."""
    spoken = language(scene)
    named = (("agent", "agent"), ("menu", "main_menu"))
    options = tuple(
        Option(key, sentence(label, spoken), COMMAND + key, number=number)
        for number, (key, label) in enumerate(named, start=1)
    )
    scene.say(Choice(sentence("agent_offer", spoken), options, button=sentence("choose", spoken)), step_id=STEP)
    note(scene, OFFERED, articles=[])


def offer_to_go_on(scene: Scene, journey: str, title: str) -> None:
    """Asks whether a journey that was left unfinished is to be gone on with, or something else is wanted."""
    spoken = language(scene)
    named = (("continue", f"{GO_ON}{journey}"), ("other", COMMAND + "menu"))
    options = tuple(Option(key, sentence(key, spoken), sent, number=n) for n, (key, sent) in enumerate(named, start=1))
    scene.say(Choice(sentence("offer", spoken, title=title), options, button=sentence("choose", spoken)), step_id=STEP)
    note(scene, UNFINISHED, journey=journey, title=title)


def journey_of(scene: Scene, said: Heard) -> str:
    """Which journey is to be gone on with, after `taken` has told so."""
    last = standing(scene)
    return said.payload.removeprefix(GO_ON) or (str(last.data.get("journey", "")) if last else "")


def taken(scene: Scene, said: Heard) -> Wanted | None:
    """What a tap or a typed word takes of the offer that was made last; None if it is no answer to one.

    A number that is typed at another address than where the titles were shown picks none of them: "again".
    """
    if said.payload.startswith(TAP):
        return _tapped(scene, said.payload.removeprefix(TAP))
    if said.payload.startswith(GO_ON):
        return "continue"
    last = standing(scene) if said.text and not said.payload else None
    if last is None:
        return None
    rows = _rows(scene, last)
    if last.session_id != scene.session.pk:
        if matching.numeral(said.text):
            return "again" if rows else None
        exact = matching.normal(said.text)
        found = next((row.id for row in rows if exact == matching.normal(row.label)), None)
    else:
        found = matching.exact(rows, said.text) or matching.fuzzy(rows, said.text)
    if found in ("agent", "menu", "continue"):
        return found  # type: ignore[return-value]  # one of these three
    return _article(scene, found) if found else None


def is_picked(scene: Scene, said: Heard) -> bool:
    """Is it one of what was offered last: its button, or exactly its number or words, where it was offered?"""
    last = standing(scene)
    if last is None or last.session_id != scene.session.pk:
        return False
    if said.payload:
        return taken(scene, said) not in (None, "stale", "twice")
    return matching.exact(_rows(scene, last), said.text) is not None


def offer_again(scene: Scene) -> None:
    """The same titles at this address."""
    last = standing(scene)
    if last is not None and last.kind == UNFINISHED:
        offer_to_go_on(scene, str(last.data["journey"]), str(last.data["title"]))
    elif last is not None:
        offer(scene, [pk for pk in last.data["articles"] if _may_say(scene, pk)])


def standing(scene: Scene) -> ConversationEvent | None:
    """The offer that was the last thing we said, if this session may know of it."""
    newest = scene.conversation.events.filter(seq__gt=scene.conversation.head_seq - LOOKED_AT)
    ours = newest.filter(kind__in=("message", OFFERED, UNFINISHED)).exclude(actor_kind="customer")
    last = ours.select_related("session").order_by("-seq").first()
    if last is None or last.kind == "message" or last.session is None or scene.now - last.recorded_at > OPEN_FOR:
        return None
    is_here = last.session_id == scene.session.pk
    return last if is_here or scene.sees(last.session.identity_id, *last.session.proven) else None


def is_second_miss(scene: Scene) -> bool:
    """Was the question before this one not answered either, nor any of what was offered for it?"""
    newest = scene.conversation.events.filter(seq__gt=scene.conversation.head_seq - LOOKED_AT)
    told = newest.filter(kind__in=(ANSWERED, OFFERED, MISSED, *BETWEEN)).order_by("-seq")
    last = next((event for event in told if event.data.get("journey") != MAIN_MENU), None)
    return last is not None and last.kind in (OFFERED, MISSED) and scene.now - last.recorded_at <= OPEN_FOR


def rate(scene: Scene, tapped: str) -> None:
    """Counts a "yes" or "no" once in a conversation; after a "no" somebody of ours is offered."""
    verdict, _, public_id = tapped.removeprefix(RATE).partition("-")
    found = _article(scene, public_id)
    newest = scene.conversation.events.filter(kind=RATED, seq__gt=scene.conversation.head_seq - LOOKED_AT)
    if not isinstance(found, Article) or newest.filter(data__id=found.pk).exists():
        return
    column = "helped" if verdict == "yes" else "left_open"
    Article.objects.filter(pk=found.pk).update(**{column: F(column) + 1})
    note(scene, RATED, article=found.key, id=found.pk, helped=verdict == "yes")
    if verdict == "yes":
        scene.say(Text(sentence("welcome", language(scene))), step_id=STEP)
    else:
        offer_agent(scene)


def note(scene: Scene, kind: str, **data: object) -> None:
    """A fact for the timeline; ids only."""
    events.append(conversation=scene.conversation, session=scene.session, kind=kind, actor_kind="bot", data=data)


def language(scene: Scene) -> str:
    """What our own sentences are said in."""
    return knowledge.language_of(scene) or "en"


def _with_rating(article: Article, words: str, spoken: str) -> Choice:
    options = tuple(
        Option(key, sentence(key, spoken), f"{RATE}{key}-{article.public_id.hex}", number=number)
        for number, key in enumerate(("yes", "no"), start=1)
    )
    return Choice(f"{words}\n\n{sentence('helped', spoken)}", options)


def _tapped(scene: Scene, public_id: str) -> Wanted:
    found = _article(scene, public_id)
    if not isinstance(found, Article):
        return found
    newest = scene.conversation.events.filter(kind=ANSWERED, seq__gt=scene.conversation.head_seq - LOOKED_AT)
    last = newest.order_by("-seq").first()
    is_twice = last is not None and last.data.get("id") == found.pk and scene.now - last.recorded_at <= TWICE
    return "twice" if is_twice else found


def _article(scene: Scene, public_id: str) -> Article | Literal["stale"]:
    try:
        return knowledge.article(UUID(public_id), scene=scene) or "stale"
    except ValueError:
        return "stale"


def _may_say(scene: Scene, pk: int) -> bool:
    found = Article.objects.filter(pk=pk).values_list("public_id", flat=True).first()
    return found is not None and knowledge.article(found, scene=scene) is not None


def _rows(scene: Scene, offered: ConversationEvent) -> list[Row]:
    """What was offered, in the order of its numbers."""
    if offered.kind == UNFINISHED:
        offers = (("continue", "continue"), ("menu", "other"))
        return [Row(key, sentence(label, language(scene)), labels(label)) for key, label in offers]
    ids = offered.data.get("articles", [])
    if not ids:
        spoken = language(scene)
        named = (("agent", "agent"), ("menu", "main_menu"))
        return [Row(key, sentence(label, spoken), labels(label)) for key, label in named]
    rows = Article.objects.filter(pk__in=ids).values_list("pk", "public_id", "title")
    by_id = {pk: Row(public_id.hex, title) for pk, public_id, title in rows}
    found = [by_id.get(pk, Row("-", "-")) for pk in ids]
    other = Row("menu", sentence("other", language(scene)), labels("other"))
    return [*found, other] if len(found) == 1 else found
