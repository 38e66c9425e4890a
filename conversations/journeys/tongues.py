"""Which language are a few words in? A guess by small closed tables of words; no model, no dependency. Pure.

Only languages that our own sentences exist in. Words that another of these languages has too are in no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conversations.journeys.matching import normal

WORDS = {
    "en": "the an is are was were where what when how who which why my your you we it this that of to and or but with "
    "for from on at can could would want need do does please hello hi hey thanks thank order chair return cost much",
    "es": "hola buenas buenos días tardes noches qué cómo dónde cuándo cuánto cuál quién por para porque el las una "
    "del está están estoy mis sus usted ustedes quiero quisiera necesito puedo puede pueden tengo tiene hacer hago "
    "gracias ayuda pedido pedidos pedir silla sillas cita reservar reserva estado devolver devolución devoluciones "
    "comprar precio cuesta envío enviar tienda horario garantía factura pago mensaje oferta consejo recomendar con muy "
    "también pero ahora hoy mañana adiós hasta luego",
    "de": "hallo guten morgen abend moin servus ich wir mein meine meinen meiner der das dem ein eine einen einer ist "
    "sind wo wie wann warum wieviel viel kann können möchte habe haben nicht kein keine und oder aber bitte danke mit "
    "auf bei nach zu bestellung bestellen bestellt stuhl stühle termin rückgabe zurückgeben zurückschicken lieferung "
    "versand kosten kostet preis öffnungszeiten gibt brauche heute nachricht angebot beratung tschüss",
}
LETTERS = {"ñ": "es", "¿": "es", "¡": "es", "ß": "de"}  # as they are written: what is compared has no marks
NAMES = {
    "en": "english; in english; english please; speak english; inglés; englisch",
    "es": "español; en español; castellano; spanish; spanisch; español por favor",
    "de": "deutsch; auf deutsch; german; alemán; deutsch bitte",
}
_NONE: Mapping[str, str] = MappingProxyType({})
_BY_WORD = {normal(word): language for language, words in WORDS.items() for word in words.split()}
_BY_NAME = {normal(name): language for language, names in NAMES.items() for name in names.split(";")}


def guess(text: str, also: Mapping[str, str] = _NONE) -> str:
    """The language that most of the known words are of; empty if too few are known, or two languages have as many.

    `also`: other words, as `matching.normal` makes them, that are of one language only.
    """
    words = normal(text).split()
    found = [_BY_WORD.get(word) or also.get(word, "") for word in words]
    found += [language for letter, language in LETTERS.items() if letter in text.casefold()]
    counts = {language: found.count(language) for language in found if language}
    best = max(counts, key=lambda one: counts[one], default="")
    if not best or 4 * counts[best] < len(words) or list(counts.values()).count(counts[best]) > 1:
        return ""
    return best


def named(text: str) -> str:
    """The language that the whole message is the name of, in any language we speak; empty if it is none."""
    return _BY_NAME.get(normal(text), "")


def is_bare(text: str) -> bool:
    """Is it a name and no more? That may answer a question; "in English" wishes for the language."""
    return len(normal(text).split()) == 1
