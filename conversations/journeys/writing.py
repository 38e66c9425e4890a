"""How is a day, a number, an amount, a yes or a no written in a language? English where we do not speak it. Pure."""

from __future__ import annotations

from datetime import date

from conversations.journeys.sentences import LANGUAGES, sentence

_DAYS = {"en": "{day} {month} {year}", "es": "{day} {month} {year}", "de": "{day}. {month} {year}"}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"),
    "de": ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
}
_SWAPPED = str.maketrans(",.", ".,")


def day(then: date, language: str) -> str:
    """`24 Dec 2026`, `24 dic 2026`, `24. Dez. 2026`; a time of day is left out."""
    spoken = _spoken(language)
    return _DAYS[spoken].format(day=then.day, month=_MONTHS[spoken][then.month - 1], year=then.year)


def number(value: float, language: str) -> str:
    """`1234.5`, and `1234,5` where a comma begins the decimals; whole numbers have neither."""
    text = str(value)
    return text if _spoken(language) == "en" else text.replace(".", ",")


def amount(value: float, currency: str, language: str) -> str:
    """`€1,234.50` or `1,234.50 EUR`; `1.234,50 €` in Spanish and German. Cents only if there are any."""
    digits = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    if _spoken(language) != "en":
        return f"{digits.translate(_SWAPPED)} {currency}".rstrip()
    return f"{digits} {currency}" if currency.isalpha() else currency + digits


def truth(value: bool, language: str) -> str:
    """`yes` or `no`, as within a sentence."""
    return sentence("yes" if value else "no", language).lower()


def _spoken(language: str) -> str:
    known = language[:2].lower()
    return known if known in LANGUAGES else "en"
