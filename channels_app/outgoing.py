"""What exactly goes to the adapter for a claimed delivery? Opened, rendered, with address, thread and file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from channels_app import files_out, inbox
from channels_app.claims import Task
from channels_app.registry import Account, DeliveryError, File, Outgoing
from common import clock, crypto
from conversations import capabilities, content
from conversations.content import Content, Media
from conversations.journeys import render


def account_of(task: Task) -> Account:
    """The account that sends it."""
    return inbox.account_of(task.channel, task.account, task.config, task.credentials, task.channel_row)


def said(task: Task) -> Content:
    """The wire message: the rendered content's part, or the words of a one-time code."""
    if task.challenge_id is not None:
        if task.letter is None:
            raise DeliveryError("rejected", provider_text="this code is dead, or nothing can carry it any more")
        return task.letter
    sealed = crypto.unseal(task.message, table="conversations_message", column="content", row=task.message_row)
    opened, _ = _with_file(content.from_json(json.loads(sealed)))  # where files do not go out, their link does
    rendered = render.render(opened, capabilities.of(task.kind))
    if task.part >= len(rendered.messages):
        raise DeliveryError("rejected", provider_text="the message has no such part")
    return rendered.messages[task.part]


def build(task: Task, words: Content) -> Outgoing:
    """The adapter's order; `DeliveryError` when there is no address any more."""
    words, load = _with_file(words)
    return Outgoing(
        content=words,
        namespace=task.namespace or "",
        address=address(task),
        ref=str(task.public_id),
        reply_to="" if task.challenge_id else task.reply_to,
        thread=thread(task),
        author=task.author,
        agent_name=task.agent_name,
        conversation=str(task.conversation_row),
        message=str(task.message_row),
        load=load,
        is_late=not task.challenge_id and task.window_expires_at is not None and task.window_expires_at <= clock.now(),
    )


def address(task: Task) -> str:
    """Where to, opened."""
    if task.namespace is None or task.address is None or task.identity_row is None:
        raise DeliveryError("unreachable", provider_text="this address is no longer the customer's")
    return crypto.unseal(task.address, table="customers_identity", column="raw", row=task.identity_row)


def thread(task: Task) -> Mapping[str, Any]:
    """What the customer's last message said that an answer has to carry."""
    if task.thread is None or task.challenge_id is not None:
        return {}
    opened = crypto.unseal(task.thread, table="conversations_session", column="thread", row=task.session_row)
    return json.loads(opened) or {}


def _with_file(words: Content) -> tuple[Content, Callable[[], File] | None]:
    """A file of ours gets a link that the provider may fetch, and a way to read it."""
    if not isinstance(words, Media) or not words.attachment:
        return words, None
    return replace(words, url=files_out.link(words.attachment)), partial(files_out.read, words.attachment)
