"""What became of one claimed delivery? Policy, the provider's call, and the outcome table. Touches no database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from channels_app import outgoing, policy, registry
from channels_app.claims import Task
from channels_app.confirmations import later
from channels_app.outcomes import Change, Try
from channels_app.registry import DeliveryError, Sent
from common import clock, crypto, outages
from conversations import capabilities
from conversations.models import Message
from handover import notices

log = logging.getLogger(__name__)
Built = TypeVar("Built")

TRIES = 5  # times that a lost send is sent again by itself, where the provider collapses the two
COLLAPSING = timedelta(minutes=2)  # and for so long after the first one: no provider remembers for ever


class Refusal(DeliveryError):
    """The policy said no before anything was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.is_permanent = True


def send(task: Task) -> Change:
    """Asks the policy, calls the provider and says what became of the delivery."""
    if policy.is_overtaken(fence_epoch=task.fence_epoch, owner_epoch=task.owner_epoch):
        return change(task, "cancelled", reason="taken_over")
    started = clock.now()
    try:
        sent = _call(task)
    except DeliveryError as error:
        return _failed(task, error, started)
    except crypto.CryptoError as error:
        said = f"cannot be opened: {type(error).__name__}"
        return _failed(task, DeliveryError("rejected", provider_text=said), started)
    tried = Try(task.number, started, clock.now(), "sent")
    return change(task, "sent", external_id=sent.external_id[:255], tried=tried, handles=sent.handles)


def change(task: Task, state: str, **more: Any) -> Change:
    """The truth about a call counts also when its lease had run out in the meantime."""
    ids = (task.pk, task.conversation_id, task.customer_id, task.message_id)
    return Change(*ids, state, clock.now(), ("sending", "unknown"), **more)


def _call(task: Task) -> Sent:
    words = _built(task, lambda: outgoing.said(task))
    closes_at = capabilities.closes_at(task.kind, task.window_expires_at, by_agent=task.author == Message.Author.AGENT)
    reason = policy.refusal(
        content=words,
        window_expires_at=None if task.challenge_id else closes_at,
        queued_at=task.queued_at,
        now=clock.now(),
        reason=task.reason,
    )
    if reason or (task.wishes.forbid(words) and not _confirms_stop(task)):
        raise Refusal(reason or "opted_out")
    account, order = _built(task, lambda: outgoing.account_of(task)), _built(task, lambda: outgoing.build(task, words))
    return _built(task, lambda: registry.adapter(task.kind)).send(account, order)


def _confirms_stop(task: Task) -> bool:
    """Is it the one sentence that a STOP is answered with? It is said once, in nobody's name."""
    return task.author == Message.Author.SYSTEM and task.step_id == notices.STOPPED


def _built(task: Task, work: Callable[[], Built]) -> Built:
    """A step before the provider is called: a row that trips it was surely not sent, and fails with a reason."""
    try:
        return work()
    except (DeliveryError, crypto.CryptoError):
        raise
    except Exception as error:
        outages.raise_if_away(error)
        log.error("delivery %s: %s while it was built", task.public_id, type(error).__name__)
        raise DeliveryError("rejected", provider_text=f"cannot be built: {type(error).__name__}") from error


def _failed(task: Task, error: DeliveryError, started: datetime) -> Change:
    """The outcome table of section 1 of the channels page."""
    words = {"reason": error.reason, "provider_text": error.provider_text}
    tried = None
    if not isinstance(error, Refusal):
        outcome = "lost" if error.reason == "lost" else "failed"
        tried = Try(task.number, started, clock.now(), outcome, error.reason, error.provider_code, error.http_status)
    if error.reason == "lost" and not _may_repeat(task):
        return change(task, "unknown", tried=tried, **words)
    if error.is_permanent:
        return change(task, "failed", tried=tried, **words)
    is_free = error.reason == "channel_down"  # the account's fault, not this message's
    again = later(error, task.number)
    # The first failure tells the agent why it waits; the following ones would say the same.
    return change(
        task, "queued", tried=tried, next_attempt_at=again, is_free=is_free, is_quiet=task.number > 1, **words
    )


def _may_repeat(task: Task) -> bool:
    """Does the provider show the same send only once, and is that send still fresh in its memory? A code is never
    sent twice: whoever gets two does not know which one counts.
    """
    if task.challenge_id or not capabilities.of(task.kind).collapses or task.number >= TRIES:
        return False
    return clock.now() - task.queued_at < COLLAPSING or task.number == 1
