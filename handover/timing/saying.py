"""What do those hear who wait? One sentence of the system in the customer's language, where it may be said."""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType

from conversations import outbox, reach
from conversations.content import Text
from conversations.journeys.scene import Scene
from conversations.models import Message
from handover import limits

LETTERS = ("email", "sms")  # kinds of channels where nobody wants to hear their place again and again
_ENGLISH = {
    "place": "Thank you for waiting. You are number {place} in the queue.",
    "place_wait": "Thank you for waiting. You are number {place} in the queue, about {minutes} minutes.",
    "quiet": "Are you still there? Write a word if you want to keep your place.",
    "ticket": "It takes longer than we wish. Your message stays with our team, and they will answer you here.",
    "back": "Our team is back {opens}.",
    "ticket_opens": "Our team is back {opens}. Your message stays with them, and they will answer you here.",
    "still_there": "Are you still there? Just write when you are ready to go on.",
    "requeued": "I am looking for somebody else of our team for you. The time that you have waited counts.",
}
_SPANISH = {
    "place": "Gracias por esperar. Eres el número {place} en la cola.",
    "place_wait": "Gracias por esperar. Eres el número {place} en la cola, unos {minutes} minutos.",
    "quiet": "¿Sigues ahí? Escribe una palabra si quieres conservar tu turno.",
    "ticket": "Tardamos más de lo que quisiéramos. Nuestro equipo tiene tu mensaje y te responderá aquí.",
    "back": "Nuestro equipo vuelve {opens}.",
    "ticket_opens": "Nuestro equipo vuelve {opens}. Tienen tu mensaje y te responderán aquí.",
    "still_there": "¿Sigues ahí? Escribe cuando quieras continuar.",
    "requeued": "Busco a otra persona de nuestro equipo. El tiempo que llevas esperando cuenta.",
}
_GERMAN = {
    "place": "Danke für Ihre Geduld. Sie sind Nummer {place} in der Warteschlange.",
    "place_wait": "Danke für Ihre Geduld. Sie sind Nummer {place} in der Warteschlange, etwa {minutes} Minuten.",
    "quiet": "Sind Sie noch da? Schreiben Sie ein Wort, wenn Sie Ihren Platz behalten möchten.",
    "ticket": "Es dauert länger als gewünscht. Ihre Nachricht bleibt bei unserem Team. Sie bekommen hier Antwort.",
    "back": "Unser Team ist {opens} wieder da.",
    "ticket_opens": "Unser Team ist {opens} wieder da. Ihre Nachricht bleibt dort. Sie bekommen hier Antwort.",
    "still_there": "Sind Sie noch da? Schreiben Sie einfach, wenn es weitergehen kann.",
    "requeued": "Ich suche jemand anderen aus unserem Team für Sie. Ihre bisherige Wartezeit zählt.",
}
LANGUAGES = MappingProxyType({"en": _ENGLISH, "es": _SPANISH, "de": _GERMAN})


def tell(scene: Scene, key: str, **values: object) -> bool:
    """The system says it, fenced by the present owner; False where nothing may be said unasked."""
    if reach.is_mute(scene.session, scene.now):
        return False
    said = outbox.say(
        conversation=scene.conversation,
        session=scene.session,
        content=Text(words(scene, key, **values)),
        author=Message.Author.SYSTEM,
        fence_epoch=scene.conversation.owner_epoch,
        step_id=f"desk_{key}",
    )
    return said is not None


def words(scene: Scene, key: str, **values: object) -> str:
    """One of these sentences in the customer's language."""
    language = str(scene.attributes.get("language") or "en")
    return LANGUAGES.get(language[:2], _ENGLISH)[key].format(**values)


def told(scene: Scene, *keys: str, since: datetime | None) -> int:
    """How often one of these was said in this conversation since then."""
    said = Message.objects.filter(session__conversation=scene.conversation, author=Message.Author.SYSTEM)
    if since is not None:
        said = said.filter(recorded_at__gte=since)
    return said.filter(step_id__in=[f"desk_{key}" for key in keys]).count()


def may_tell_place(scene: Scene) -> bool:
    """At most three times since they wait; once where each one is a letter or costs money."""
    said = told(scene, "place", "place_wait", since=scene.conversation.queued_at)
    return said < (1 if scene.session.kind in LETTERS else limits.number("QUEUE_NOTICES"))
