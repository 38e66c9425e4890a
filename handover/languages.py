"""How is a language called in the language of whoever reads?"""

from __future__ import annotations

from django.utils.translation import get_language_info


def named(code: str) -> str:
    """By its code (`es_MX`); a code that nobody knows stays as it is."""
    base, _underscore, region = code.replace("-", "_").partition("_")
    try:
        name = str(get_language_info(base.lower())["name_translated"])
    except KeyError:
        return code
    return f"{name[:1].upper()}{name[1:]} ({region})" if region else name[:1].upper() + name[1:]
