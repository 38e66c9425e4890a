"""Which words does a switch of channels have, in each language that we speak?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_ENGLISH = {
    "yes": "Yes, link them",
    "no": "No, not me",
    "write_yes": "LINK THEM",  # where nothing can be tapped
    "write_no": "NOT ME",
    "answer": "Answer {yes} or {no}.",
    "opened": "chat in {title} from {time}",
    "ask_arrival": "Link this chat to the {opened}? If you did not ask for it, say no.",
    "ask_number": "To link this chat to the {opened}, answer {number}. "
    "If you did not ask for it, do nothing and tell the number to nobody.",
    "ask_opener": "{title} ({who}) has used your link. Is that you? Then we go on there.",
    "ask_number_back": "{title} ({who}) has used your link. If that was you, answer {number}. "
    "If not, do nothing and tell the number to nobody.",
    "stale": "This link no longer works. Ask for a new one in the chat that you came from.",
    "joined": "Welcome back: this chat is already linked with {title}.",
    "half": "Thank you. Please say yes in {title} as well.",
    "linked": "This chat is linked with {title} now. We go on here.",
    "gone": "Linked. You can go on in {title}; here, too, whenever you like.",
    "refused": "Nothing was linked.",
    "impossible": "These two chats cannot be linked. Nothing has changed.",
    "open_link": "To go on in {title}, open this link",
    "then_write": "Then write there: {say}",
    "write_there": "To go on in {title}, write there: {say}",
    "once": "It works once, for ten minutes, and only for you.",
    "offer": "You can take this chat along.",
    "on_the_site": "Open the chat on our site.",
    "find_it": "You will find this conversation there.",
    "choose_it": "Choose {title} there to link it to this chat.",
    "not_an_address": "A code cannot be sent to this.",
    "code_wrong": "That is not the code.",
    "code_expired": "This code has expired; ask for a new one.",
    "code_locked": "Too many wrong codes; ask for a new one.",
    "too_many": "That was asked for too often; please try again later.",
}
_SPANISH = {
    "yes": "Sí, unirlos",
    "no": "No, no soy yo",
    "write_yes": "UNIRLOS",
    "write_no": "NO SOY YO",
    "answer": "Responde {yes} o {no}.",
    "opened": "chat en {title} de las {time}",
    "ask_arrival": "¿Unimos este chat con el {opened}? Si no lo has pedido, di que no.",
    "ask_number": "Para unir este chat con el {opened}, responde {number}. "
    "Si no lo has pedido, no hagas nada y no digas el número a nadie.",
    "ask_opener": "{title} ({who}) ha usado tu enlace. ¿Eres tú? Entonces seguimos allí.",
    "ask_number_back": "{title} ({who}) ha usado tu enlace. Si has sido tú, responde {number}. "
    "Si no, no hagas nada y no digas el número a nadie.",
    "stale": "Este enlace ya no funciona. Pide uno nuevo en el chat del que vienes.",
    "joined": "Hola de nuevo: este chat ya está unido con {title}.",
    "half": "Gracias. Di que sí también en {title}, por favor.",
    "linked": "Este chat está unido ahora con {title}. Seguimos aquí.",
    "gone": "Unidos. Puedes seguir en {title}, y también aquí cuando quieras.",
    "refused": "No se ha unido nada.",
    "impossible": "Estos dos chats no se pueden unir. No ha cambiado nada.",
    "open_link": "Para seguir en {title}, abre este enlace",
    "then_write": "Luego escribe allí: {say}",
    "write_there": "Para seguir en {title}, escribe allí: {say}",
    "once": "Vale una vez, durante diez minutos y solo para ti.",
    "offer": "Puedes llevarte este chat.",
    "on_the_site": "Abre el chat en nuestra web.",
    "find_it": "Allí encontrarás esta conversación.",
    "choose_it": "Elige allí {title} para unirlo con este chat.",
    "not_an_address": "A esta dirección no se puede enviar un código.",
    "code_wrong": "Ese no es el código.",
    "code_expired": "Este código ha caducado; pide uno nuevo.",
    "code_locked": "Demasiados códigos erróneos; pide uno nuevo.",
    "too_many": "Se ha pedido demasiadas veces; inténtalo más tarde.",
}
_GERMAN = {
    "yes": "Ja, verbinden",
    "no": "Nein, nicht ich",
    "write_yes": "VERBINDEN",
    "write_no": "NICHT ICH",
    "answer": "Antworten Sie {yes} oder {no}.",
    "opened": "Chat in {title} von {time} Uhr",
    "ask_arrival": "Diesen Chat mit dem {opened} verbinden? Wenn Sie das nicht wollten, sagen Sie nein.",
    "ask_number": "Um diesen Chat mit dem {opened} zu verbinden, antworten Sie {number}. "
    "Wenn Sie das nicht wollten, tun Sie nichts und nennen Sie die Zahl niemandem.",
    "ask_opener": "{title} ({who}) hat Ihren Link benutzt. Sind Sie das? Dann geht es dort weiter.",
    "ask_number_back": "{title} ({who}) hat Ihren Link benutzt. Wenn Sie das waren, antworten Sie {number}. "
    "Wenn nicht, tun Sie nichts und nennen Sie die Zahl niemandem.",
    "stale": "Dieser Link gilt nicht mehr. Bitte holen Sie sich einen neuen in dem Chat, aus dem Sie kommen.",
    "joined": "Willkommen zurück: Dieser Chat ist schon mit {title} verbunden.",
    "half": "Danke. Bitte sagen Sie auch in {title} ja.",
    "linked": "Dieser Chat ist jetzt mit {title} verbunden. Hier geht es weiter.",
    "gone": "Verbunden. Sie können in {title} weitermachen, jederzeit auch hier.",
    "refused": "Es wurde nichts verbunden.",
    "impossible": "Diese beiden Chats lassen sich nicht verbinden. Es hat sich nichts geändert.",
    "open_link": "Um in {title} weiterzumachen, öffnen Sie diesen Link",
    "then_write": "Dann schreiben Sie dort: {say}",
    "write_there": "Um in {title} weiterzumachen, schreiben Sie dort: {say}",
    "once": "Er gilt einmal, zehn Minuten lang, und nur für Sie.",
    "offer": "Sie können diesen Chat mitnehmen.",
    "on_the_site": "Öffnen Sie den Chat auf unserer Seite.",
    "find_it": "Dort finden Sie dieses Gespräch.",
    "choose_it": "Wählen Sie dort {title}, um ihn mit diesem Chat zu verbinden.",
    "not_an_address": "Dorthin kann kein Code gesendet werden.",
    "code_wrong": "Das ist nicht der Code.",
    "code_expired": "Dieser Code ist abgelaufen; bitte fordern Sie einen neuen an.",
    "code_locked": "Zu viele falsche Codes; bitte fordern Sie einen neuen an.",
    "too_many": "Das wurde zu oft angefordert; bitte versuchen Sie es später.",
}
LANGUAGES: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": _ENGLISH, "es": _SPANISH, "de": _GERMAN})


def sentence(key: str, language: str, **values: str) -> str:
    """A sentence in a language, English where we have no translation; `values` fill `{name}`."""
    text = LANGUAGES.get(language[:2].lower(), _ENGLISH)[key]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def every(*keys: str) -> tuple[str, ...]:
    """These words in every language we speak: an answer in any of them is understood."""
    return tuple(table[key] for table in LANGUAGES.values() for key in keys)
