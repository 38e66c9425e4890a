"""What did somebody do with a button, a list or a command? Each interaction in our words, and what Discord is told.

Discord waits 3 seconds for the answer and shows "This interaction failed" otherwise.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Inbound, Notice, Parsed, Reply
from channels_app.adapters.discord import reading
from channels_app.adapters.discord.reading import Value
from conversations.content import Text

PING, COMMAND, COMPONENT, AUTOCOMPLETE, FORM = range(1, 6)
PONG, MESSAGE, DEFERRED_UPDATE, SUGGESTIONS = 1, 4, 6, 8  # what can be answered
EPHEMERAL = 64  # only who asked sees it
BOT_DM, PRIVATE = 1, 2  # contexts; 0 is a server
LINK = "link"
CODE = re.compile(r"[A-Za-z0-9_-]{4,128}")
LINK_IN_WORDS = re.compile(r"/?link[ :]+(?P<code>[A-Za-z0-9_-]{4,128})", re.IGNORECASE)
LINKING = "Thank you. We are connecting your conversations; the answer comes as a direct message."
NO_CODE = "Please add the code that you were shown: /link CODE"
TAKEN = "Thank you. The answer comes as a direct message."


def reply(interaction: Value) -> Reply:
    """What Discord wants to read within three seconds."""
    kind = interaction.get("type")
    if kind == COMMAND:
        return _json({"type": MESSAGE, "data": {"content": _said_back(interaction), "flags": EPHEMERAL}})
    if kind == AUTOCOMPLETE:
        return _json({"type": SUGGESTIONS, "data": {"choices": []}})
    return _json({"type": PONG if kind == PING else DEFERRED_UPDATE})


def read(interaction: Value, account: Account) -> Parsed:
    """A tap, a choice, a command or a form as a message; autocomplete and unknown types as a Notice."""
    when = reading.at(interaction)
    handles = reading.handles(user(interaction))
    readers = {COMMAND: _command, COMPONENT: _component, FORM: _form}
    kind = interaction.get("type")
    reader = readers.get(kind) if isinstance(kind, int) else None
    if reader is None or not handles:
        return Notice("unsupported", when, handles)
    said, payload, code = reader(base.mapping(interaction.get("data")), interaction)
    if not said and not payload and not code:
        return Notice("unsupported", when, handles)
    return _inbound(interaction, when, said, payload, code)


def user(interaction: Value) -> Value:
    """Who did it: in a server the person stands inside the membership."""
    return base.mapping(interaction.get("user")) or base.mapping(base.mapping(interaction.get("member")).get("user"))


def code_in(words: str) -> str:
    """The code of `link CODE`, '' when the words are anything else: "link please" is something that people say."""
    found = LINK_IN_WORDS.fullmatch(words.strip())
    code = found["code"] if found else ""
    looks_made = any(sign.isdigit() for sign in code) or (len(code) >= 8 and code.isupper())
    return code if looks_made else ""


def _inbound(interaction: Value, when: datetime, said: str, payload: str, code: str) -> Inbound:
    is_command = interaction.get("type") == COMMAND
    message = reading.snowflake(base.mapping(interaction.get("message")))
    return Inbound(
        content=Text(said),
        occurred_at=when,
        handles=reading.handles(user(interaction)),
        text=said,
        payload=payload,
        external_id=reading.snowflake(interaction),
        context={"id": message} if message else {},
        thread=_thread(interaction, is_command),
        code=code,
        # What a command says is seen by nobody else, wherever it is given.
        is_public=_is_in_server(interaction) and not is_command,
        language=base.text(interaction, "locale")[:35],
    )


def _thread(interaction: Value, is_command: bool) -> dict[str, Any]:
    """Where the answer goes: the place of the tap, but after a command from elsewhere always the direct message."""
    channel = reading.snowflake(interaction, "channel_id")
    in_server = _is_in_server(interaction)
    if not channel or interaction.get("context") == PRIVATE or (in_server and is_command):
        return {}
    guild = {"guild_id": reading.snowflake(interaction, "guild_id")} if in_server else {}
    return {"channel_id": channel} | guild


def _is_in_server(interaction: Value) -> bool:
    return bool(reading.snowflake(interaction, "guild_id"))


def _component(data: Value, interaction: Value) -> tuple[str, str, str]:
    """(label, payload, no code): a list names what was chosen in `values`, a button is its own name."""
    values = data.get("values")
    chosen = [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
    payload = chosen[0] if chosen else base.text(data, "custom_id")
    return _label(base.mapping(interaction.get("message")), payload) or payload, payload, ""


def _label(message: Value, payload: str) -> str:
    """What stood on the button or in the list, as the message that was tapped says."""
    for row in base.items(message.get("components")):
        for one in base.items(row.get("components")):
            if base.text(one, "custom_id") == payload and base.text(one, "label"):
                return base.text(one, "label")
            for option in base.items(one.get("options")):
                if base.text(option, "value") == payload:
                    return base.text(option, "label")
    return ""


def _command(data: Value, interaction: Value) -> tuple[str, str, str]:
    """(words, no payload, code): `/link CODE` carries the code out of the words, any other command is its words."""
    name = base.text(data, "name")
    values = [base.text(option, "value") for option in base.items(data.get("options"))]
    if name == LINK:
        code = next(iter(values), "").strip()
        return f"/{name}", "", code if CODE.fullmatch(code) else ""
    return " ".join(filter(None, (f"/{name}" if name else "", *values))), "", ""


def _form(data: Value, interaction: Value) -> tuple[str, str, str]:
    """(what was written, the form's name, no code)."""
    written: list[str] = []
    for row in base.items(data.get("components")):
        fields = base.items(row.get("components")) or [base.mapping(row.get("component"))]
        written += [base.text(field, "value") for field in fields]
    return "\n".join(filter(None, written)), base.text(data, "custom_id"), ""


def _said_back(interaction: Value) -> str:
    data = base.mapping(interaction.get("data"))
    if base.text(data, "name") != LINK:
        return TAKEN
    return LINKING if _command(data, interaction)[2] else NO_CODE


def _json(answer: dict[str, Any]) -> Reply:
    return Reply(base.dumps(answer), "application/json")
