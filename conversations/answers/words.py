"""What is a text made of when it is compared? Without case and accents, in words; and which languages we can stem."""

from __future__ import annotations

import re
import unicodedata

WORDS_MOST = 40  # of a question: a longer message is a story, and its first words say what it is about
# PostgreSQL's own configurations, by the language's code; any other language is taken as it is written.
CONFIGURATIONS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali",
    "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
# Written without spaces between words: what is asked is compared as a piece of text.
UNSEGMENTED = frozenset({"zh", "ja", "th", "lo", "km", "my"})
_WORD = re.compile(r"[^\W_]+")
_LAST_WITH_ACCENTS = 0x700  # Latin, Greek, Cyrillic, Hebrew, Arabic; a mark in Thai or Hindi is a letter


def normal(text: str) -> str:
    """Without accents and case, spaces put in order: the same for `Größe`, `GROSSE` and `grösse`."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c for c in decomposed if not (unicodedata.combining(c) and ord(c) < _LAST_WITH_ACCENTS))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def words(text: str) -> list[str]:
    """The words of a text as they are compared; nothing but letters and digits, so that no operator can hide in one."""
    return tokens(text[:2000])[:WORDS_MOST]


def tokens(text: str) -> list[str]:
    """Every word of a text of ours, however long it is."""
    return _WORD.findall(normal(text))


def name(text: str, language: str) -> str:
    """The words with one space between them (or none): how titles, aliases and questions are compared as a whole."""
    return (" " if is_segmented(language) else "").join(words(text))


def base(language: str) -> str:
    """`pt` of `pt-BR`; '' of nothing."""
    return language.replace("_", "-").partition("-")[0].casefold()


def configuration(language: str) -> str:
    """The text search configuration of PostgreSQL for a language; `simple` where there is none."""
    return CONFIGURATIONS.get(base(language), "simple")


def is_segmented(language: str) -> bool:
    """Are there spaces between the words of this language?"""
    return base(language) not in UNSEGMENTED


def is_question(text: str) -> bool:
    """Could this be a question at all? A number, an emoji or a single letter is none, and a greeting is not either."""
    said = words(text)
    if not any((len(word) > 1 and not word.isdecimal()) or _is_ideograph(word) for word in said):
        return False
    return not (len(said) <= 4 and set(said) <= _GREETING)


def _is_ideograph(word: str) -> bool:
    return any(unicodedata.category(c) == "Lo" for c in word)


_GREETING = frozenset(
    words(
        "hi hello hey hiya howdy there good morning afternoon evening day hola buenas buenos dias tardes noches que "
        "tal hallo guten tag morgen abend moin servus ok okay yes no si"
    )
)
