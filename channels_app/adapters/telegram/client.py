"""How is the Bot API called? Every failure comes in our words, and the token (it stands in the URL) in none of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Sent, wire
from channels_app.adapters.telegram import errors
from channels_app.adapters.telegram.wording import Call

BASE_URL = "https://api.telegram.org"


def send(account: Account, call: Call) -> Sent:
    """One message; a group that became a supergroup is written to under its new id, at once and once."""
    try:
        result = ask(account, call.method, call.fields, call.file)
    except Migrated as moved:
        result = ask(account, call.method, {**call.fields, "chat_id": moved.chat_id}, call.file)
    chat, number = base.text(base.mapping(result.get("chat")), "id"), base.text(result, "message_id")
    if not number:
        raise DeliveryError("lost", provider_text="the answer names no message", http_status=200)
    return Sent(f"{chat or call.fields['chat_id']}:{number}"[:255])


class Migrated(DeliveryError):
    """The group has another id now; a second refusal of this kind is final."""

    def __init__(self, chat_id: int) -> None:
        super().__init__("rejected", provider_code="400", provider_text="the group has moved", http_status=400)
        self.chat_id = chat_id


def ask(
    account: Account,
    method: str,
    fields: Mapping[str, Any] = base.NOTHING,
    file: tuple[str, tuple[str, bytes, str]] | None = None,
) -> Mapping[str, Any]:
    """The `result` of a method if it is an object, else an empty one; `DeliveryError` when Telegram refuses."""
    content: dict[str, Any] = {"json": dict(fields)}
    if file is not None:
        # httpx refuses numbers in forms, and Telegram reads nested values of a form as JSON.
        content = {"data": {name: _as_form(value) for name, value in fields.items()}, "files": dict([file])}
    asked = wire.call(lambda: _line(account).ask("POST", method, **content), _refusal)
    data = wire.body(asked)
    if data.get("ok") is not True:
        raise DeliveryError("lost", provider_text="the answer is not Telegram's", http_status=asked.status_code)
    return base.mapping(data.get("result"))


def root(account: Account) -> str:
    """The Bot API server's address, without a slash at its end."""
    return account.text("base_url", BASE_URL).rstrip("/")


def _refusal(answer: httpx.Response) -> DeliveryError:
    moved_to = base.mapping(wire.body(answer).get("parameters")).get("migrate_to_chat_id")
    if answer.status_code == 400 and isinstance(moved_to, int) and not isinstance(moved_to, bool):
        return Migrated(moved_to)
    return errors.of_answer(answer)


def _as_form(value: Any) -> str:
    return value if isinstance(value, str) else base.dumps(value)


def _line(account: Account) -> wire.Line:
    return wire.line(f"{root(account)}/bot{account.secret('token')}/")
