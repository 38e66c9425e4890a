"""Does the journey fit its surroundings and its readers? Rules L7, L11, L12, L15-L19."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from conversations.journeys import commands, stop_words, tongues, triggers
from conversations.journeys.findings import Path, Problem, Subject
from conversations.journeys.matching import normal
from conversations.journeys.state import Heard

MAX_STEPS = 200
MAX_OPTIONS = 10
MAX_REPROMPTS = 3
MAX_SAID = 5  # messages of one turn; the engine stops at as many
LONG = 10


def problems(subject: Subject) -> Iterator[Problem]:
    """Names that must exist, handovers that must have a way out, limits, keywords, and the warnings."""
    yield from _policy(subject)
    yield from _limits(subject)
    yield from _keywords(subject)
    yield from _translations(subject)
    for number, step in subject.numbered():
        yield from _names(subject, step, number)
        if step["type"] == "handover":
            yield from _handover(subject, step, number)
        if step["type"] == "ask" and "resume" not in step:
            message = f"'{step['id']}' does not say what it was about when it is resumed on another channel"
            yield Problem("L19", message, "Add `resume:`.", ("steps", number), "warning")
        yield from _labels(subject, step, number)


def _names(subject: Subject, step: Mapping[str, Any], number: int) -> Iterator[Problem]:
    journeys = subject.known.journeys
    known = (
        ("intake", journeys),
        ("then", journeys),
        ("run", journeys),
        ("queue", subject.known.queues),
        ("skill", subject.known.skills),
    )
    for field, names in known:
        value = step.get(field)
        if value is not None and names is not None and "{{" not in value and value[:1] != "=" and value not in names:
            message = f"{field} '{value}' of '{step['id']}' does not exist"
            yield Problem("L7", message, "Create it first, or correct the name.", ("steps", number, field))


def _policy(subject: Subject) -> Iterator[Problem]:
    target = subject.policy.get("on_expire")
    names = subject.known.journeys
    if target is not None and names is not None and target not in (names | {"restart", "main_menu"}):
        message = f"on_expire leads to '{target}', which is not a journey"
        yield Problem("L7", message, "Name a journey, or `restart`.", ("policy", "on_expire"))
    if subject.policy.get("interruptible") is False and len(subject.steps) > LONG:
        message = f"{len(subject.steps)} steps that cannot be interrupted"
        yield Problem(
            "L18", message, "Let customers leave, or make it shorter.", ("policy", "interruptible"), "warning"
        )


def _handover(subject: Subject, step: Mapping[str, Any], number: int) -> Iterator[Problem]:
    if step.get("mode", "live") != "live":
        return
    if "intake" not in step and step.get("queue") not in subject.known.intakes:
        yield Problem(
            "L11", f"'{step['id']}' has no intake", "Name the journey that asks first: `intake:`.", ("steps", number)
        )
    if "offline" not in step.get("on", {}):
        message = f"'{step['id']}' has no way out when nobody is online"
        yield Problem("L11", message, "Add `on: {offline: ...}`.", ("steps", number))


def _limits(subject: Subject) -> Iterator[Problem]:
    if len(subject.steps) > MAX_STEPS:
        yield Problem("L12", f"more than {MAX_STEPS} steps", "Split the journey.", ("steps", MAX_STEPS))
    yield from _breathless(subject)
    for number, step in subject.numbered():
        _, path, options = subject.options(step)
        if len(options) > MAX_OPTIONS and not step.get("paging"):
            message = f"'{step['id']}' has more than {MAX_OPTIONS} options"
            yield Problem(
                "L12", message, "Allow pages with `paging: true`, or ask in two steps.", ("steps", number, *path)
            )
        if len(step.get("reprompt", ())) > MAX_REPROMPTS:
            message = f"'{step['id']}' asks again more than {MAX_REPROMPTS} times"
            yield Problem("L12", message, "Keep three.", ("steps", number, "reprompt"))
        if step.get("expect", {}).get("kind") == "choice" and not options:
            message = f"'{step['id']}' expects a choice and offers none"
            yield Problem("schema", message, "Add `choices:`.", ("steps", number, "expect"))


def _breathless(subject: Subject) -> Iterator[Problem]:
    """More messages in one breath than a turn may have, where nothing on the way spares one of them."""
    by_id = {step["id"]: (number, step) for number, step in subject.numbered()}
    told: set[str] = set()
    for step in subject.steps:
        chain = [] if step["id"] in told else _in_one_breath(subject, step["id"], by_id)
        said = [one for one in chain if _says(by_id[one][1])]
        if len(said) > MAX_SAID:
            told.update(chain)
            message = f"with '{said[MAX_SAID]}' it says more than {MAX_SAID} messages, and nothing before waits"
            remedy = "Put some messages together, or ask or wait in between."
            yield Problem("L12", message, remedy, ("steps", by_id[said[MAX_SAID]][0]))


def _in_one_breath(subject: Subject, at: str, by_id: Mapping[str, tuple[int, Mapping[str, Any]]]) -> list[str]:
    """The steps from here on that are always done, each led to by the one before; the last may wait."""
    chain: list[str] = []
    while at in by_id and at not in chain:
        chain.append(at)
        step, ways = by_id[at][1], subject.graph[at]
        at = ways[0].target if ways and step["type"] in ("message", "set") and _is_always(step) else ""
    return chain


def _says(step: Mapping[str, Any]) -> bool:
    return (step["type"] == "message" or "text" in step) and _is_always(step)


def _is_always(step: Mapping[str, Any]) -> bool:
    return not {"if", "once"} & set(step)


def _keywords(subject: Subject) -> Iterator[Problem]:
    live = {normal(word): key for word, key in subject.known.keywords.items()}
    for number, trigger in enumerate(subject.data.get("triggers", ())):
        for word in triggers.words(trigger):
            if taken := _taken(word):
                remedy = "Choose a word that is not heard before the keywords."
                yield Problem("L15", f"'{word}' alone {taken}", remedy, ("triggers", number, "keyword"))
            other = live.get(normal(word), subject.data["journey"])
            if other != subject.data["journey"]:
                message = f"the keyword '{word}' already starts '{other}'"
                yield Problem("L15", message, "Choose another word.", ("triggers", number, "keyword"))
        yield from _sole(subject, trigger, number)


def _taken(word: str) -> str:
    """Why a whole message of this word never starts a journey; '' if it does."""
    wish = stop_words.wish(word)
    if wish is not None and wish.kind == "stop":
        return f"asks us not to write any more ({wish.language}) and never starts a journey"
    if tongues.named(word):
        return "is the name of a language, which we speak from then on, and never starts a journey"
    command = commands.recognise(Heard(word, datetime.min.replace(tzinfo=UTC)))
    return f"is the command '{command.name}' at every step and never starts a journey" if command else ""


def _sole(subject: Subject, trigger: Mapping[str, Any], number: int) -> Iterator[Problem]:
    """The word of a link or event starts one journey, and one journey begins every conversation."""
    own = subject.data["journey"]
    for kind, known in (("link", subject.known.links), ("event", subject.known.events)):
        other = known.get(str(trigger.get(kind, "")), own)
        if other != own:
            message = f"the {kind} '{trigger[kind]}' already starts '{other}'"
            yield Problem("L15", message, "Choose another word.", ("triggers", number, kind))
    if trigger.get("start") and subject.known.starts not in ("", own):
        message = f"every conversation begins with '{subject.known.starts}' already"
        yield Problem("L15", message, "Take `start` away from one of them.", ("triggers", number, "start"))
    if trigger.get("opening") and not trigger.get("start"):
        message = "`opening` says when the journey with `start` begins, and this trigger has no `start`"
        yield Problem("schema", message, "Write `{start: true, opening: true}`.", ("triggers", number, "opening"))


def _labels(subject: Subject, step: Mapping[str, Any], number: int) -> Iterator[Problem]:
    _, path, options = subject.options(step)
    for index, option in enumerate(options):
        for channel in subject.known.channels:
            few = len(options) <= channel.buttons_max
            limit = channel.button_label_max if few else channel.list_label_max
            if not channel.numbered and (few or channel.list_max) and len(option["label"]) > limit:
                message = f"the label '{option['label'][:60]}' is cut at {limit} characters on {channel.kind}"
                where: Path = ("steps", number, *path, index, "label")
                yield Problem("L16", message, "Shorten it; the whole label will stand in the text.", where, "warning")


def _translations(subject: Subject) -> Iterator[Problem]:
    for language in subject.languages[1:]:
        texts = subject.translations.get(language, {})
        for number, step in subject.numbered():
            missing = [key for key in translatable(step) if f"{step['id']}.{key}" not in texts]
            if missing:
                message = f"'{step['id']}' has no {language} for {', '.join(missing[:8])}"
                yield Problem(
                    "L17", message, f"Add it under `translations: {{{language}: ...}}`.", ("steps", number), "warning"
                )
    for language in sorted(set(subject.translations) - set(subject.languages)):
        message = f"the journey does not speak {language}: these texts are never said"
        yield Problem("L17", message, "Add it to `languages:`.", ("translations", language), "warning")
    wanted = {f"{step['id']}.{key}" for step in subject.steps for key in translatable(step)} | {"title"}
    for language, texts in subject.translations.items():
        for key in texts:
            if key not in wanted:
                message = f"the {language} text '{key}' belongs to no step"
                yield Problem(
                    "L17", message, "Correct its name or delete it.", ("translations", language, key), "warning"
                )


def translatable(step: Mapping[str, Any]) -> list[str]:
    """The names under which the texts of a step are translated: `text`, `options.restart`, `reprompt.0`."""
    found = [name for name in ("title", "text", "resume", "help", "progress") if name in step]
    found += [f"reprompt.{index}" for index in range(len(step.get("reprompt", ())))]
    found += [f"card.{name}" for name in ("title", "text") if name in step.get("card", {})]
    found += ["media.caption"] if "caption" in step.get("media", {}) else []
    options = (("options", step.get("options", ())), ("choices", step.get("expect", {}).get("choices", ())))
    for name, rows in options:
        for row in rows:
            found += [f"{name}.{row['id']}"]
            found += [f"{name}.{row['id']}.description"] if "description" in row else []
    return found
