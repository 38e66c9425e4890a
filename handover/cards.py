"""What must the agent know at the first glance? The handover card, written once, before the agent looks."""

from __future__ import annotations

from typing import Any

from conversations import recall, topics
from conversations.journeys import progress
from conversations.journeys.scene import Scene
from conversations.models import Conversation, JourneyRun
from handover import account_owners, endings, job_facts
from handover.models import Note
from handover.routing import Plan

GREETINGS = {
    "en": {
        "hello": "Hello",
        "back": "Welcome back",
        "journey": "I see you were at “{topic}”. I go on from there.",
        "topic": "Is it about “{topic}” again, or something new?",
        "help": "How can I help?",
    },
    "es": {
        "hello": "Hola",
        "back": "Me alegro de leerte de nuevo",
        "journey": "Veo que estabas en «{topic}». Sigo desde ahí.",
        "topic": "¿Se trata otra vez de «{topic}» o de algo nuevo?",
        "help": "¿En qué puedo ayudarte?",
    },
    "de": {
        "hello": "Hallo",
        "back": "Willkommen zurück",
        "journey": "Ich sehe, Sie waren bei „{topic}“. Ich mache dort weiter.",
        "topic": "Geht es wieder um „{topic}“ oder um etwas Neues?",
        "help": "Wie kann ich helfen?",
    },
}


def write(*, scene: Scene, intake: JourneyRun | None = None, reason: str = "", plan: Plan | None = None) -> Note:
    """The card of this handover: why, from where, what was answered, and a greeting ready to send.

    An account's owner who is passed over by the `plan` is told beside it.
    """
    if plan is not None:
        account_owners.tell(scene, plan)
    asked: dict[str, Any] = scene.conversation.handover or {}
    run = _subject(scene, asked)
    about = run or recall.open_run(scene.root.pk)
    context = recall.block(root_id=scene.root.pk, run=about, session=scene.session)
    questions = recall.answers(intake) if intake else []
    where = context.last_journey
    card = {
        "reason": reason or asked.get("reason", ""),
        "skill": asked.get("skill", ""),
        "referrer": asked.get("referrer", ""),
        "channel": asked.get("channel") or scene.session.channel,
        "channel_kind": "" if asked.get("channel") else scene.session.kind,
        "journey": {"key": where["key"], "title": where["title"]} if where else None,
        "step": _stood(run, asked.get("from_step", "")) or (where and {"key": where["step"], "label": where["label"]}),
        "answers": [*context.answers, *questions],
        "intake": questions,
        "attempts": asked.get("attempts", []),
        "proof": scene.session.assurance,
        "context": endings.described(context.to_json()),
        "jobs": job_facts.of_person(scene.root.pk, run),
        "greeting": greeting(context, _topic(context, about)),
    }
    return Note.objects.create(
        conversation=scene.conversation,
        customer_id=scene.conversation.customer_id,
        kind="card",
        card=card,
        created_at=scene.now,
    )


def greeting(context: recall.Recall, topic: str = "") -> str:
    """A first sentence in the customer's language, which shows that they need not begin again.

    `topic`: the open journey's title, or what the last conversation was about, in that language.
    """
    words = GREETINGS.get(context.language[:2], GREETINGS["en"])
    hello = words["back"] if context.previous else words["hello"]
    first = context.name.split(" ")[0]
    hello = f"{hello}, {first}." if first else f"{hello}."
    if not topic:
        return f"{hello} {words['help']}"
    return f"{hello} {words['journey' if context.last_journey else 'topic'].format(topic=topic)}"


def _topic(context: recall.Recall, run: JourneyRun | None) -> str:
    if run is not None:
        return progress.version_of(run).called(context.language)
    last = context.previous[0] if context.previous else None
    if last is None or not context.language:
        return str(last["topic"]) if last else ""
    return topics.of_conversation(Conversation.objects.get(public_id=last["id"]), language=context.language)


def _stood(run: JourneyRun | None, step_id: str) -> dict[str, str] | None:
    """The step that the customer left by asking for a human; None when the journey came to its handover step."""
    return {"key": step_id, "label": progress.version_of(run).label(step_id)} if run and step_id else None


def _subject(scene: Scene, asked: dict[str, Any]) -> JourneyRun | None:
    """The journey that asked for a human; else the newest open one is taken."""
    return next((run for run in scene.runs if run.pk == asked.get("run")), None)
