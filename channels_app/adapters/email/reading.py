"""What does a stored e-mail event say in our words? Pure: nothing is fetched, and no mail makes it stumble."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from channels_app.adapters import base
from channels_app.adapters.base import Account, Handles, Inbound, Notice, Parsed, Preference, Receipt
from channels_app.adapters.base.pulling import TO_COLLECT
from channels_app.adapters.email import (
    authentication,
    automatic,
    files,
    markup,
    mime,
    naming,
    quotes,
    stored,
    tracking,
)
from channels_app.adapters.email.letters import Letter
from channels_app.adapters.email.stored import Stored
from common import clock
from conversations.content import Content, Media, Text, Unsupported

LONGEST = 100_000  # characters of a mail that are kept as its text
OLDEST, NEWEST = timedelta(days=7), timedelta(minutes=5)  # how far a sender's clock is believed
KINDS = {"image": "image", "audio": "audio", "video": "video"}


def parse(raw: str, account: Account) -> Sequence[Parsed]:
    """The message, receipts or preferences of one event."""
    try:
        one = stored.unpack(raw)
    except base.Malformed:
        return [Notice("unreadable", clock.now())]
    if one.what == "tracking":
        return tracking.parse(one, account)
    if one.what == "pointer":
        return [Notice(TO_COLLECT, clock.now())]
    found, is_original = mime.read(one)
    return (
        [_message(one, Letter(found), account, is_original)]
        if found is not None
        else [Notice("unsupported", clock.now())]
    )


def _message(one: Stored, letter: Letter, account: Account, is_original: bool) -> Parsed:
    at = _moment(letter)
    if automatic.is_report(letter):
        return _report(letter, account, at)
    if naming.is_ours(letter.message_id, account) or naming.is_to(letter.sender[1], account):
        return Notice("own_echo", at)
    verdict = authentication.verdict(letter, account.text("authserv_id") if is_original else "")
    said = _words(letter)
    code, said = naming.take_code(letter, said)
    media = files.of(one, letter)
    return Inbound(
        content=_content(one, letter, said, media),
        occurred_at=at,
        handles=_handles(letter, account, is_proven=verdict == "pass"),
        text=said or naming.without_code(letter.subject),
        external_id=(letter.message_id or one.key)[:255],
        media=media,
        context=_context(letter, account),
        thread=_thread(letter),
        code=code,
        is_automatic=automatic.is_automatic(letter) or not _may_be_answered(verdict, account),
    )


def _may_be_answered(verdict: authentication.Verdict, account: Account) -> bool:
    """By the bot: a sender whom his own domain disowns is shown, but the answer would go to a victim."""
    return verdict == "pass" or (verdict == "unknown" and account.config.get("answer_unproven") is not False)


def _handles(letter: Letter, account: Account, *, is_proven: bool) -> Handles:
    name, address = letter.sender
    if not address:
        return ()
    if is_proven:
        return (("email", "", address, "provider", name),)
    return (("email_from", account.account, address, "imported", name),)


def _words(letter: Letter) -> str:
    """What the writer has added: of the plain text, or of the HTML where there is none."""
    plain = letter.text[: LONGEST * 3]
    if plain.strip():
        return quotes.reply(plain)[:LONGEST].strip()
    html = letter.html
    return quotes.reply(markup.text(html) or markup.text(html, with_quotes=True))[:LONGEST].strip() if html else ""


def _content(one: Stored, letter: Letter, said: str, media: tuple[dict[str, Any], ...]) -> Content:
    """Words, below their subject where a thread begins; a mail that only brings files is a file."""
    subject = naming.without_code(letter.subject)
    if not letter.is_whole:
        return Unsupported("an e-mail that cannot be read")
    if one.is_cut:
        return Unsupported("an e-mail that is too large")
    begins = not letter.references and subject and subject.lower() not in said.lower()
    text = "\n\n".join(part for part in (subject if begins else "", said) if part)
    if text or not media:
        return Text(text or subject or "(an empty e-mail)")
    kind = KINDS.get(media[0]["media_type"].partition("/")[0], "file")
    return Media(kind=kind, filename=media[0]["name"], mime_type=media[0]["media_type"])  # type: ignore[arg-type]  # one of the kinds


def _context(letter: Letter, account: Account) -> dict[str, str]:
    """Which message it answers, and the conversation whose signed address it was written to."""
    said = {"id": letter.references[-1] if letter.references else ""}
    said["conversation"] = naming.conversation_of(letter, account)
    return {name: value for name, value in said.items() if value}


def _thread(letter: Letter) -> dict[str, Any]:
    """What an answer needs so that the writer's program shows it below this mail."""
    return {"subject": letter.subject, "message_id": letter.message_id, "references": letter.references}


def _report(letter: Letter, account: Account, at: datetime) -> Parsed:
    """A bounce counts only with the Message-ID that our mail bore: anybody may write that somebody has no mailbox."""
    found = automatic.report(letter)
    ref = naming.delivery_of(found.ids, account) if found else ""
    if found is None or not ref:
        return Notice("bounce", at)
    if found.is_complaint:
        # Of whoever got that mail of ours, and of nobody whom the report names: anybody can write one.
        return Preference((), "all", "out", at, {"event": "complained"}, ref)
    external_id = next(one for one in found.ids if naming.is_ours(one, account))
    if found.action in ("delivered", "relayed", "expanded"):
        return Receipt(external_id, "delivered", at, ref)
    if found.action not in ("failed", ""):
        return Notice(f"bounce_{found.action}"[:40], at)
    return Receipt(external_id, "failed", at, ref, automatic.of_status(found.status, found.words))


def _moment(letter: Letter) -> datetime:
    """The sender's date, unless it is far from when a server received the mail: some clocks are years off."""
    now = clock.now()
    received = letter.received(now)
    said = letter.date(received or now)
    if received is not None and not received - OLDEST <= said <= received + NEWEST:
        said = received
    return said if said <= now + NEWEST else now
