"""Which score do these words give, from 1 to 5, and what do they say of it?

A number, its word or stars: bare, in a sentence that judges, or before a remark. Pure. In doubt it is none: a time or
"2 chairs" must reach people, and a wish must not end as a remark.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import NamedTuple

from conversations.journeys.matching import normal

LOW = 2  # at most so many of five: people hear the words of such a score, so that a complaint in them is not lost
LONGEST = 2000  # characters of an answer
# Words that want an answer: a question mark of any script, or how a question begins where it was left out.
ASKING = re.compile(
    r"(?i)[?¿؟？]|^\s*(?:can|could|may|when|where|do you|does|is there|are there|will you|"
    r"puedo|puede|podrían?|cuándo|dónde|hay|kann|können|könnten|darf|wann|wo|gibt es)\b"
)
_NAMED = ("1 2 3 4 5", "one two three four five", "uno dos tres cuatro cinco", "eins zwei drei vier fünf")
NAMES = MappingProxyType({name: score for line in _NAMED for score, name in enumerate(line.split(), start=1)})
_SCORE = re.compile(
    rf"""(?P<drawn>[⭐★🌟](?:\s*[⭐★🌟]){{0,4}})
    | (?<![^\s("“«])
    (?:(?:(?:i|i['’]d|i['’]ll|would|will|my|mi|yo|les?|te|os|ich)\s+)*
       (?:give|rate|score|say|rating|it['’]s|it\ is|doy|daría|pongo|es|sería|nota|valoración|puntuación|gebe)
       \s*:?\s+(?:(?:it|you|this|them|is|es|de|euch)\s+|(?:[^\W\d]+\s+){{0,3}}?(?=(?:an?|una?|eine?)\s))?)?
    (?:(?:an?|una?|eine?)\s+)?
    (?P<number>{"|".join(NAMES)}|(?:una|ein)(?=\s+(?:estrella|stern)\b))(?!\w)
    (?P<told>(?:\s*/\s*|\s+(?:out\s+of|of|sobre|de|von)\s+)(?:5|five|cinco|fünf)(?![\w/])(?:\s+stars|\s+estrellas)?
       |\s+(?:stars?|estrellas?|sterne?)\b|(?:\s*[⭐★🌟])+)?""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE = re.compile(r"[.!,;:()\n…–—]| - ")
_END = re.compile(r"[\s☆.,!;:…)\"”»'’–—-]*$")
# What may stand between a score and free words; a full stop does not, for "5. Juni" and "1. The chair" begin so.
_BREAK = re.compile(
    r"(?i)\s*[!,;:]+\s+|\s+[-–—]+\s*|[-–—]+\s+|\s*(?:…|\.{2,}|\(|\n)\s*|"
    r"\s+(?=thank|thx|gracias|danke|because|porque|weil)|(?:(?<=stars)|(?<=estrellas))\s+(?=(?:for|para)\b)"
)
_PICTURE = re.compile("(?![⭐★☆🌟])[\u2190-\u2bff\u200d\u20e3\ufe0f\U0001f000-\U0001faff]")
_JUDGING = re.compile(  # words without accents
    r"(?:thank|gracias|excel|perfe[ck]t|amaz|awesome|fanta|brilliant|wonder|super|satisf|friendly|helpful|quick|terrib|"
    r"disappoint|horrib|awful|estupend|increib|maravill|encantad|content|amable|rapid|pesim|lent[oa]|freundlich|schnell|"
    r"schlecht|zufrieden)\w*|cheers|good|great|lovely|nice|fine|ok|okay|best|happy|kind|fast|bad|poor|slow|rude|useless|"
    r"average|buen[oa]?|bien|genial|mal[oa]?|fatal|regular|danke?|gut|toll|prima"
)
_AROUND = re.compile(
    r"very|so|really|quite|too|absolutely|and|it|was|all|you|your|a|lot|much|for|service|support|help|job|work|team|people|"
    r"experience|well|done|muy|tan|y|demasiado|todo|por|la|ayuda|servicio|atencion|trato|equipo|muchas|sehr|vielen"
)
# No remark, whatever the score: it says when, where or how many, or somebody wants something.
_WANTING = re.compile(
    r"(?i)^(?:(?:in|at|on|de|por) )?(?:(?:the|la) )?(?:noon|morning|afternoon|evening|tomorrow|mañana|tarde|noche|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|lunes|martes|miércoles|jueves|viernes|sábado|domingo)\b|"
    r"^(?:\d+ )?(?:chair|silla|table|mesa|piece|more|más)s?\b|@|\b(?:please|pls|i(?: still)? (?:need|want)|i['’]d like|"
    r"(?:can|could|will|would) (?:you|i|we)|i would like|(?:send|call|ring|tell) me|let me know|one more|another|"
    r"questions?|my (?:new )?(?:number|phone|address)|mi (?:número|teléfono|dirección)|street|calle|por favor|"
    r"necesit\w+|quier\w+|quisiera|me gustaría|podrían?|podrías|pued[eo]\w*|envíe\w*|llám\w+|díga\w+|preguntas?|bitte|"
    r"brauche|möchte|frage)\b"
)
# Something is not settled: people have to read it, and do so anyhow where the score is low.
_UNSETTLED = re.compile(
    r"(?i)\b(?:but|however|although|though|except|still|missing|broken|damaged|wrong|refund|waiting|never|unfortunately|"
    r"not (?:yet|arrived|here|come)|ha(?:s|ve) ?n['’]o?t|pero|sin embargo|aunque|salvo|todavía|aún|faltan?|rot[oa]s?|"
    r"dañad[oa]s?|reembolso|esperando|nunca|no (?:ha|han|he|me|lo|la|funciona)|aber|jedoch|obwohl|noch|fehl\w+|kaputt|"
    r"defekt|leider|erstattung|warte)\b"
)


class Verdict(NamedTuple):
    """1 (bad) to 5, and the words around it; '' if there are none but "I give it a"."""

    score: int
    words: str = ""


def read(text: str) -> Verdict | None:
    """What a customer who was just asked for a score has given; None if it is no score, or may be none."""
    flat = _PICTURE.sub(" ", text)  # as long as `text`
    found = _SCORE.search(flat)
    if found is None or len(text) > LONGEST or any(ASKING.search(clause) for clause in _CLAUSE.split(text)):
        return None
    drawn = sum(not sign.isspace() for sign in found["drawn"] or "")
    score = drawn or NAMES.get((found["number"] or "").casefold(), 1)
    if not (_may_precede(flat, found, drawn) and _may_follow(flat, found, drawn)):
        return None
    parts = [part for part in (text[: found.start()], text[found.end() :]) if any(map(str.isalnum, part))]
    around = [part.strip(" \t\n,;:-–—…()").lstrip(".! ") for part in parts]
    is_remark = all(_is_remark(words, score) for words in around)
    return Verdict(score, text.strip() if len(around) > 1 else "".join(around)) if is_remark else None


def _may_precede(flat: str, found: re.Match[str], drawn: int) -> bool:
    """Nothing, words that judge and a break ("thank you 2" gives no score), or any before many stars."""
    before = flat[: found.start()].strip(" \t\n\"“«('’¡")
    if not before or drawn:
        return not before or drawn > 3  # fewer stars adorn
    is_last = found["told"] and _END.match(flat, found.end())
    return _judges(before) and bool(is_last or before[-1] in ".,!:;-–—…")


def _may_follow(flat: str, found: re.Match[str], drawn: int) -> bool:
    """Nothing, free words after a break, or words that judge at once; "one great team" gives no score."""
    if _END.match(flat, found.end()):
        return True
    if drawn:
        return drawn > 1 and not set(flat[found.end() :]) & set("⭐★🌟☆")
    after = re.match(r"[.)]?\s+(.+)", flat[found.end() :])
    judges = after is not None and bool(found["number"].isdigit() or found["told"]) and _judges(after[1])
    return judges or _BREAK.match(flat, found.end()) is not None


def _judges(words: str) -> bool:
    """Is its first clause made of nothing but words that say how it was?"""
    first = normal(_CLAUSE.split(words)[0]).split()
    judging = [word for word in first if _JUDGING.fullmatch(word)]
    return bool(judging) and all(word in judging or _AROUND.fullmatch(word) for word in first)


def _is_remark(words: str, score: int) -> bool:
    """Words about how it was: not only a number and what it counts, nor a wish that somebody has to read."""
    said = re.findall(r"\w+", normal(words))
    beside = [word for word in said if word.isalpha() and word not in NAMES]
    if len(beside) < min(2, len(said)) and not any(map(_JUDGING.fullmatch, beside)):
        return False
    is_heard = score <= LOW and "\n" not in words
    return not _WANTING.search(words) and (is_heard or not _UNSETTLED.search(words))
