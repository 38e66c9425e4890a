"""Which words does the inbox say, and does each language have them all? Read from the sources, kept in `locale/`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import templatize

# Packages and modules whose `_("...")` is for the desk, and those whose problems are told there: these have titles.
SOURCES = (
    "handover",
    *(f"channels_app/{name}.py" for name in ("offers", "template_filling")),
    *(f"conversations/{name}.py" for name in ("answerable", "attachments", "sessions")),
    *(f"customers/{name}.py" for name in ("pages_words", "dossier", "pages_suggestions", "suggestions", "settling")),
    *(f"customers/{name}.py" for name in ("sharing", "recycling", "editing", "consent", "attribute_types")),
)
REFUSALS = (
    "common",
    *SOURCES,
    *(f"channels_app/{name}.py" for name in ("leading", "retries", "template_views", "way_views")),
    "conversations/ownership.py",
    "customers/merging.py",
)
TEMPLATES = ("templates/inbox", "templates/registration")
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}
TOLD = {"BadForm", "BadFilter", "BadBulk", "BadWord"}  # refusals that are raised with words of their own
# Lists of words that are said by `_(...)` or `|says` of what was chosen from them.
LISTS = {
    "customers/pages_words.py": {
        *("KINDS", "VERBS", "CONFLICTS", "RULES", "PURPOSES", "STATES", "BLOCKED"),
        *("PROVIDERS", "OTHERS", "UNPROVEN", "SOURCES"),
    },
    "customers/suggestions.py": {"WORDS", "NAMES"},
    "channels_app/template_filling.py": {"LABELS", "LINKS"},
    "handover/inbox/cards.py": {"FACTS", "TITLES", "REASONS", "PROOFS"},
    "handover/inbox/deliveries.py": {"WORDS", "REASONS"},
    "handover/inbox/jobs.py": {"LABELS"},
    "handover/inbox/lines.py": {"CAUSES", "OUTCOMES", "PLAIN", "ENDED", "NEAR", "BROKEN", "DETAILS"},
}
# Said by `|says` or `_(...)` of a choice of Django or of a word made by code.
OTHERS = (
    *("Online", "Away", "Busy", "Offline", "Name", "Language", "Tier", "Earlier", "Last order or cart", "Channels"),
    *("Manual", "Round robin", "Least busy", "Longest idle", "External"),
)

Words = dict[str, str]  # the words (behind their context and CUT, if they have one), and where they were found first
CUT = "\4"  # as in a compiled catalogue


def said() -> tuple[Words, dict[tuple[str, str], str]]:
    """Every message of the inbox: plain ones, and (one, many) pairs."""
    words: Words = dict.fromkeys(OTHERS, "config/wording.py")
    pairs: dict[tuple[str, str], str] = {}
    for path in _files(SOURCES, ".py"):
        _note(words, pairs, _calls(ast.parse(path.read_text(encoding="utf-8"))), path)
        for word in _listed(path):
            words.setdefault(word, _place(path))
    for path in [*_files(REFUSALS, ".py"), *(settings.BASE_DIR / name for name in LISTS)]:
        for word in (*_titles(path), *_details(path), *_listed(path)):
            words.setdefault(word, _place(path))
    for path in _files(TEMPLATES, ".html"):
        code = templatize(path.read_text(encoding="utf-8"))
        _note(words, pairs, _templated(code), path)
    return words, pairs


def catalogue(language: str) -> Path:
    """Where the words of a language are kept."""
    return Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"


def missing(language: str) -> list[str]:
    """What has no words in this language yet."""
    known = polib.pofile(str(catalogue(language)))
    done = {_key(entry) for entry in known if entry.translated() and not entry.obsolete}
    words, pairs = said()
    return sorted({*words, *(one for one, _ in pairs)} - done)


def renew(language: str) -> int:
    """Brings the catalogue in line with the sources and compiles it; the number of words without a translation."""
    path = catalogue(language)
    kept = {_key(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    words, pairs = said()
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Language": language,
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for (one, many), place in sorted(pairs.items()):
        old = kept.get(one)
        forms = old.msgstr_plural if old and old.msgstr_plural else {0: "", 1: ""}
        fresh.append(polib.POEntry(msgid=one, msgid_plural=many, msgstr_plural=forms, occurrences=[(place, "")]))
    for word, place in sorted(words.items()):
        old = kept.get(word)
        if not any(word == one for one, _ in pairs):
            fresh.append(_entry(word, old.msgstr if old else "", place))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(path))
    path.with_suffix(".mo").write_bytes(compiled(language))
    return len(fresh.untranslated_entries())


def _key(entry: polib.POEntry) -> str:
    return f"{entry.msgctxt}{CUT}{entry.msgid}" if entry.msgctxt else str(entry.msgid)


def _entry(word: str, said: str, place: str) -> polib.POEntry:
    context, _cut, text = word.rpartition(CUT)
    return polib.POEntry(msgctxt=context or None, msgid=text, msgstr=said, occurrences=[(place, "")])


def compiled(language: str) -> bytes:
    """The catalogue as Django reads it; the same for the same words."""
    made: bytes = polib.pofile(str(catalogue(language))).to_binary()
    return made


def _files(folders: tuple[str, ...], suffix: str) -> Iterator[Path]:
    for folder in folders:
        here = Path(settings.BASE_DIR) / folder
        for path in [here] if here.is_file() else sorted(here.rglob(f"*{suffix}")):
            if "migrations" not in path.parts:
                yield path


def _place(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


def _note(words: Words, pairs: dict[tuple[str, str], str], found: Iterator[tuple[str, ...]], path: Path) -> None:
    for texts in found:
        if len(texts) == 2:
            pairs.setdefault((texts[0], texts[1]), _place(path))
        elif texts[0]:
            words.setdefault(texts[0], _place(path))


def _calls(tree: ast.AST) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            if node.func.id == "pgettext":
                yield (CUT.join(text for part in node.args if (text := _text(part))),)
                continue
            count = 2 if node.func.id == "ngettext" else 1
            for part in node.args[:1]:
                if isinstance(part, ast.IfExp):  # one of two
                    yield from ((text,) for text in map(_text, (part.body, part.orelse)) if text)
            texts = tuple(text for part in node.args[:count] if (text := _text(part)) is not None)
            if len(texts) == count:
                yield texts


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _titles(path: Path) -> Iterator[str]:
    """The titles of problems: classes with a code and a title."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            set_here = dict(pair for line in node.body if isinstance(line, ast.Assign) for pair in _set(line))
            if set_here.get("code") and (title := set_here.get("title")):
                yield title


def _set(line: ast.Assign) -> Iterator[tuple[str, str | None]]:
    """Names with the text that each is given, one by one or as in `code, title, status = ...`."""
    for target in line.targets:
        if isinstance(target, ast.Name):
            yield target.id, _text(line.value)
        elif isinstance(target, ast.Tuple) and isinstance(line.value, ast.Tuple):
            for name, value in zip(target.elts, line.value.elts, strict=True):
                if isinstance(name, ast.Name):
                    yield name.id, _text(value)


def _details(path: Path) -> Iterator[str]:
    """What a refusal adds in plain words where it is raised: `raise BadForm("...")`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        call = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(call, ast.Call) and _name(call.func) in TOLD and call.args and (text := _text(call.args[0])):
            yield text


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _listed(path: Path) -> Iterator[str]:
    names = LISTS.get(_place(path), set())
    for node in ast.parse(path.read_text(encoding="utf-8")).body if names else []:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and any(
            isinstance(target, ast.Name) and target.id in names for target in targets
        ):
            yield from _values(node.value)


def _values(node: ast.AST | None) -> Iterator[str]:
    """The texts of a list of words: the values of a mapping, the last of each pair."""
    parts = node.values if isinstance(node, ast.Dict) else node.elts if isinstance(node, ast.List | ast.Tuple) else []
    for part in parts:
        last = part.elts[-1] if isinstance(part, ast.Tuple) and part.elts else part
        text = _text(last)
        if text:
            yield text


LITERAL = r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*")"""
CONTEXT = re.compile(rf"\bpgettext\(\s*{LITERAL}\s*,\s*{LITERAL}")
PLAIN = re.compile(rf"(?<!n)\b_?(?:gettext|_)\(\s*{LITERAL}")
PLURAL = re.compile(rf"ngettext\(\s*{LITERAL}\s*,\s*{LITERAL}")
CONSTANT = re.compile(rf"(?<![\w])_\({LITERAL}\)")


def _templated(code: str) -> Iterator[tuple[str, ...]]:
    for one, many in PLURAL.findall(code):
        yield ast.literal_eval(one), ast.literal_eval(many)
    for context, text in CONTEXT.findall(code):
        yield (ast.literal_eval(context) + CUT + ast.literal_eval(text),)
    for pattern in (PLAIN, CONSTANT):
        for text in pattern.findall(code):
            yield (ast.literal_eval(text),)
