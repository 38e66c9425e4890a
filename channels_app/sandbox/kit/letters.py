"""How does a pretended provider reach our door? With signed letters, as the controls ask, each one inspected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.conf import settings

from channels_app.models import Channel
from channels_app.sandbox import inspector, postman
from channels_app.sandbox.kit.memory import controls_of
from channels_app.sandbox.models import SandboxControls, SandboxMessage

HELD_BACK = 1.5  # seconds that every other message waits when the order is to be mixed up
SECOND_COPY = 0.3  # seconds after which a webhook that comes twice comes again
LADDER = ("accepted", "sent", "delivered", "read")
Receipts = SandboxControls.Receipts


def webhook_url(channel: Channel) -> str:
    """The door that the provider was told: `config.webhook_url` if it was told one, else our own."""
    told = channel.config.get("webhook_url")
    return str(told) if told else f"{settings.PUBLIC_URL}/webhooks/{channel.kind}/{channel.config.get('app', 'demo')}"


def post(
    *,
    channel: Channel,
    body: bytes,
    headers: Mapping[str, str],
    message: SandboxMessage | None = None,
    after: float = 0.0,
    url: str = "",
    heard: Callable[[int, str], None] | None = None,
    again: Callable[[int, str], float | None] | None = None,
) -> None:
    """Posts a webhook after so many seconds, twice or late if the controls say so; refused ones are posted again.

    `message` is the customer's message that it carries: its tick follows. `heard` is told status and body of answers.
    `again`: (tries that failed before, Retry-After) -> seconds until the next try, None for never; unset: as Meta does.
    """
    controls = controls_of(channel.key)
    if controls.reorders and message is not None and message.pk % 2:
        after += HELD_BACK
    letter = _letter(channel, url or webhook_url(channel), body, headers, message, heard)
    letter = replace(letter, again=again) if again else letter
    for extra in (0.0, SECOND_COPY) if controls.duplicates else (0.0,):
        postman.post(letter, after + extra)


def climb(row: SandboxMessage, states: list[str]) -> list[str]:
    """Moves a message of ours up to the last of these states; returns those to report, in the order to post them.

    Nothing is returned for rungs that it stands on already, or when the controls switch such receipts off.
    """
    if row.state not in LADDER:
        return []
    controls = controls_of(row.channel)
    allowed = {Receipts.NONE: 0, Receipts.DELIVERED: LADDER.index("delivered")}.get(Receipts(controls.receipts), 3)
    rungs = [state for state in states if LADDER.index(row.state) < LADDER.index(state) <= allowed]
    if not rungs:
        return []
    row.state = rungs[-1]
    row.save(update_fields=["state"])
    inspector.tell()
    return list(reversed(rungs)) if controls.reorders else rungs


def _letter(
    channel: Channel,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    message: SandboxMessage | None,
    heard: Callable[[int, str], None] | None,
) -> postman.Letter:
    hide = inspector.hiding(channel.credentials or {})
    key, pk = channel.key, message.pk if message else None

    def note(status: int, answer: str, took_ms: int) -> None:
        inspector.record_apart(
            channel=key,
            direction="in",
            method="POST",
            path=hide(url.removeprefix(settings.PUBLIC_URL)),
            headers={name: hide(value) for name, value in headers.items()},
            request=hide(body.decode(errors="replace")),
            status=status,
            response=hide(answer),
            took_ms=took_ms,
        )
        if pk is not None and 200 <= status < 300:
            SandboxMessage.objects.filter(pk=pk, state="sent").update(state="delivered")
        if heard is not None:
            heard(status, answer)

    return postman.Letter(url, body, headers, note)
