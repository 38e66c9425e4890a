"""Which score do these words give, from 1 to 5, and what do they say of it?

A number, its word or stars, bare or in a sentence that judges: "5 - lovely", "I give it a 4", "cuatro, gracias". Pure.
In doubt it is none: a date, a time, a price or "2 chairs" must reach people, and a wish must not end as a remark.
"""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import NamedTuple

from conversations.journeys.matching import normal

BEST = 5
LOW = 2  # at most so many of five: people hear the words of such a score, so that a complaint in them is not lost
LONGEST = 2000  # characters of an answer
# Words that want an answer: a question mark of any script, or how a question begins where it was left out.
ASKING = re.compile(
    r"[?¿؟？]|^\s*(?:can|could|may|when|where|do you|does|is there|are there|will you|"
    r"puedo|puede|podrían?|cuándo|dónde|hay|kann|können|könnten|darf|wann|wo|gibt es)\b",
    re.IGNORECASE,
)
_NAMED = (
    "one two three four five",
    "uno dos tres cuatro cinco",
    "eins zwei drei vier fünf",
)
NAMES = MappingProxyType({name: score for line in _NAMED for score, name in enumerate(line.split(), start=1)})
_OF_FIVE = r"(?:5|five|cinco|fünf)(?![\w/])"
_CORE = re.compile(
    rf"""(?:(?<=\s)|(?<=^)|(?<=[("“«]))
    (?P<frame>(?:
        i(?:['’]d|['’]ll|\ would|\ will)?\s+(?:give|rate|score)
            (?:(?:\s+[^\W\d]+){{0,3}}?\s+an?|(?:\s+(?:it|you|this|them|him|her))?)
      | i(?:['’]d|\ would)\s+say(?:\s+an?)?
      | (?:it|that)(?:['’]s|\ is|\ was)\s+an?
      | (?:my\s+)?(?:rating|score)(?:\s+is|\s*:)?(?:\s+an?)?
      | (?:le|les|te|os|yo\s+(?:le|les|te|os))\s+(?:doy|daría|pongo|pondría)(?:(?:\s+[^\W\d]+){{0,3}}?\s+una?)?
      | (?:es|sería)\s+un
      | (?:mi\s+)?(?:nota|valoración|puntuación|calificación)(?:\s+es|\s*:)?(?:\s+de)?(?:\s+un)?
      | ich\s+(?:gebe|vergebe)(?:\s+(?:euch|ihnen|dir))?(?:\s+eine?)?
      | an?|una?|eine?
    )\s+)?
    (?:(?P<digit>[1-5])|(?P<name>{"|".join(NAMES)})|(?P<single>(?:una?|ein)(?=\s+(?:estrella|stern))))(?!\w)
    (?P<unit>\s*/\s*{_OF_FIVE}|\s+(?:out\s+of|sobre)\s+{_OF_FIVE})?
    (?P<part>\s+(?:of|de|von)\s+{_OF_FIVE})?
    (?P<stars>\s+(?:stars?|estrellas?|sterne?)(?!\w)|\s*[⭐★🌟](?:\s*[⭐★🌟])*)?""",
    re.IGNORECASE | re.VERBOSE,
)
_STARS = re.compile(r"\s*(?P<full>[⭐★🌟](?:\s*[⭐★🌟])*)(?P<empty>(?:\s*☆)*)\s*")
# What may stand between a score and free words; a full stop does not, for "5. Juni" and "1. The chair" begin so.
_BREAK = re.compile(r"\s*[!,;:]+\s+|\s+[-–—]+\s*|\s*[-–—]+\s+|\s*…\s*|\s*\.{2,}\s*|\s*\(")
_CLAUSE = re.compile(r"[.!,;:()\n…–—]| - ")
_THANKS = frozenset(["thanks", "thank", "thx", "cheers", "gracias", "danke", "dank"])
_REASONS = frozenset(["because", "porque", "weil"])
_FOR = frozenset(["for", "to", "para", "por", "a", "al", "fur", "an"])  # "5 stars for Ana"
_JUDGING = frozenset(
    normal(
        "good great lovely excellent perfect wonderful amazing awesome fantastic brilliant super nice fine ok okay "
        "best happy satisfied friendly helpful kind quick quickly fast bad poor terrible awful horrible slow rude "
        "disappointing disappointed useless mediocre average decent outstanding superb "
        "bueno buena buen bien excelente perfecto perfecta genial estupendo estupenda fantástico fantástica increíble "
        "maravilloso maravillosa encantado encantada contento contenta satisfecho satisfecha amable amables rápido"
    ).split()
) | frozenset(
    normal(
        "rápida malo mala mal fatal pésimo pésima lento lenta regular gut sehr toll prima klasse perfekt ausgezeichnet "
        "hervorragend freundlich schnell schlecht langsam furchtbar zufrieden"
    ).split()
)
_AROUND = frozenset(
    normal(
        "very so really quite too pretty absolutely and it was all you your a lot much for service support help job "
        "work team experience well done muy tan y demasiado todo por la ayuda servicio atención trato trabajo equipo "
        "muchas muchísimas mil experiencia vielen alles und service hilfe"
    ).split()
)
# A score that begins so was the number of something.
_COUNTED = re.compile(
    r"[ap]\.?m\b|o['’]?clock|uhr\b|h\b|hours?\b|horas?\b|minut|days?\b|días?\b|weeks?\b|euros?\b|dollars?\b|"
    r"today|tomorrow|tonight|hoy\b|mañana|heute|morgen|in the (?:morning|afternoon|evening)|(?:de|por) la (?:mañana|"
    r"tarde|noche)|(?:mon|tues|wednes|thurs|fri|satur|sun)day|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    r"january|february|march|april|may\b|june|july|august|september|october|november|december|enero|febrero|marzo|"
    r"abril|mayo\b|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|januar|februar|märz|mai\b|juni|juli|"
    r"oktober|dezember|chairs?\b|sillas?\b|tables?\b|mesas?\b|pieces?\b|more\b|más\b|of (?:them|these|those)\b|"
    rf"(?:{'|'.join(NAMES)})\b",
    re.IGNORECASE,
)
# Somebody wants something, or says where: no remark, whatever the score.
_WANTING = re.compile(
    r"\b(?:please|pls|i (?:still )?(?:need|want)|i['’]d like|i would like|(?:can|could|will|would) (?:you|i|we)|"
    r"send me|call me|ring me|tell me|let me know|(?:a|one|one more|another|two|some) questions?|one more|another|"
    r"street|road|avenue|por favor|necesit\w+|quier\w+|quisiera|me gustaría|podrías?|podrían|puedes?|pueden|envíe\w*|"
    r"llám\w+|díga\w+|(?:una|otra|dos) preguntas?|calle|avenida|plaza|bitte|brauche|möchte|ruf\w* mich|"
    r"(?:eine|noch eine) frage|\w*straße)\b",
    re.IGNORECASE,
)
# Something is not settled: people have to read it, and do so anyhow where the score is low.
_UNSETTLED = re.compile(
    r"\b(?:but|however|although|though|except|still|missing|broken|damaged|wrong|refund|waiting|never|unfortunately|"
    r"not (?:yet|arrived|here|come)|has ?n['’]o?t|have ?n['’]o?t|pero|sin embargo|aunque|salvo|todavía|aún|faltan?|"
    r"rot[oa]s?|dañad[oa]s?|reembolso|esperando|nunca|no (?:ha|han|he|me|lo|la|funciona)|aber|jedoch|obwohl|noch|fehlt|"
    r"fehlen|kaputt|defekt|leider|erstattung|warte)\b",
    re.IGNORECASE,
)


class Verdict(NamedTuple):
    """1 (bad) to 5, and the words around it; '' if there are none but "I give it a"."""

    score: int
    words: str = ""


def read(text: str) -> Verdict | None:
    """What a customer who was just asked for a score has given; None if it is no score, or may be none."""
    if len(text) > LONGEST or asks(text):
        return None
    flat = "".join(" " if _is_picture(letter) else letter for letter in text)  # as long as `text`
    return _in_stars(text, flat) or _in_numbers(text, flat)


def asks(text: str) -> bool:
    """Does any part of it want an answer?"""
    return any(ASKING.search(clause) for clause in _CLAUSE.split(text)) or ASKING.search(text) is not None


def _in_stars(text: str, flat: str) -> Verdict | None:
    found = _STARS.search(flat)
    if found is None or set(flat[found.end() :]) & set("⭐★🌟☆"):
        return None
    score = len(re.sub(r"\s", "", found["full"]))
    if score + found["empty"].count("☆") > BEST:
        return None
    before, after = flat[: found.start()], flat[found.end() :]
    if not before.strip() and not after.strip(" .!"):
        return Verdict(score)
    # One star, or a few behind a word, adorn more often than they judge.
    least = 4 if before.strip() else 2
    if score < least or "🌟" in found["full"] or (before.strip() and after.strip(" .!")):
        return None
    words = _trimmed(text[: found.start()] if before.strip() else text[found.end() :])
    return Verdict(score, words) if _is_remark(words, score) else None


def _in_numbers(text: str, flat: str) -> Verdict | None:
    found = _CORE.search(flat)
    if found is None:
        return None
    score = int(found["digit"] or NAMES.get((found["name"] or "").casefold(), 1))
    drawn = sum(found["stars"].count(star) for star in "⭐★🌟") if found["stars"] else 0
    before, after = flat[: found.start()], flat[found.end() :]
    if drawn not in (0, 1, score) or not _may_precede(before, after, found):
        return None
    if not _may_follow(after, found):
        return None
    ahead, behind = _trimmed(text[: found.start()]), _trimmed(text[found.end() :])
    words = ahead or behind if not (ahead and behind) else text.strip()
    is_remark = all(_is_remark(part, score) for part in (ahead, behind) if part)
    return Verdict(score, words) if is_remark else None


def _may_precede(before: str, after: str, found: re.Match[str]) -> bool:
    """Nothing, or only words that judge or thank, and a break: "thank you 2" and "thanks 4 all" count nothing."""
    said = normal(before).split() if before.strip(" \t\n\"“«('’¡") else []
    if not said:
        return True
    if not set(said) <= _JUDGING | _THANKS | _AROUND or not set(said) & (_JUDGING | _THANKS):
        return False
    is_told = any(found[part] for part in ("unit", "stars")) and not _has_words(after)
    return is_told or before.rstrip()[-1] in ".,!:;-–—…"


def _may_follow(after: str, found: re.Match[str]) -> bool:
    """Nothing, free words after a break, or words that judge, thank or give the reason at once."""
    if not _has_words(after):
        return not after.strip(" \t\n.,!;:…–—-)\"”»'’") and not re.match(r"\S*\d", after)
    if _BREAK.match(after) and not (found["part"] and not found["stars"]):
        return True
    if not (after[0].isspace() or re.match(r"[.,!;:)]+\s", after)):
        return False
    head = next((normal(clause).split() for clause in _CLAUSE.split(after) if _has_words(clause)), [])
    is_told = bool(found["unit"] or found["stars"] or (found["frame"] and " " in found["frame"].strip()))
    if head[0] in _THANKS | _REASONS or (head[0] in _FOR and is_told and not found["unit"]):
        return True
    if found["name"] and not is_told:  # "one great team" gives no score
        return False
    return set(head) <= _JUDGING | _AROUND and bool(set(head) & _JUDGING)


def _is_remark(words: str, score: int) -> bool:
    """Words about how it was, without a number of anything and without a wish that somebody has to read."""
    if any(letter.isnumeric() for letter in words) or set(words) & set("€$£%@#"):
        return False
    if _COUNTED.match(words) or _WANTING.search(words):
        return False
    is_heard = score <= LOW and "\n" not in words
    return is_heard or _UNSETTLED.search(words) is None


def _trimmed(words: str) -> str:
    """Without what divides them from the score; '' if nothing but signs is left."""
    return words.strip(" \t\n,;:-–—…()").lstrip(".! ") if _has_words(words) else ""


def _has_words(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _is_picture(letter: str) -> bool:
    """An emoji or a part of one, but for the stars."""
    if letter in "⭐★🌟☆°":
        return False
    return letter in "\ufe0f\u20e3\u200d" or (letter > "\u2190" and unicodedata.category(letter) in ("So", "Sk"))
