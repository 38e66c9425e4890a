"""How does one of our messages look as a mail? Text, the same as plain HTML, files, and the headers of its thread."""

from __future__ import annotations

import html
from collections.abc import Mapping
from email.utils import formataddr
from typing import Any

from django.core.mail import EmailMultiAlternatives

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Outgoing
from channels_app.adapters.email import naming
from channels_app.adapters.email.letters import ADDRESS, ID
from channels_app.adapters.email.quotes import DELIMITER
from conversations.content import Media

MEDIA_MAX = 10 * 1024 * 1024  # bytes of a file that goes along; services take 10 to 40 MB for the whole mail
REFERENCES = 20
UNPROVEN = "email_from"
PAGE = '<!doctype html><html><body style="font-family:sans-serif;line-height:1.45">{words}</body></html>'


def compose(account: Account, outgoing: Outgoing) -> EmailMultiAlternatives:
    """The mail, without a connection; `DeliveryError` if it cannot be addressed."""
    if not ADDRESS.match(outgoing.address):
        raise DeliveryError("unreachable", provider_text="this is no e-mail address")
    words, files = _words(outgoing)
    if account.config.get("delimiter") is True:
        words = f"{DELIMITER}\n\n{words}"
    mail = EmailMultiAlternatives(
        subject=_subject(account, outgoing),
        body=words,
        from_email=_from(account, outgoing),
        to=[outgoing.address],  # without a name: it would be the sender's own words
        reply_to=[address] if (address := naming.reply_address(account, outgoing.conversation)) else None,
        headers=_headers(account, outgoing),
    )
    mail.attach_alternative(PAGE.format(words=_as_html(words)), "text/html")
    for file in files:
        mail.attach(file.name or "file", file.content, file.media_type or "application/octet-stream")
    return mail


def _words(outgoing: Outgoing) -> tuple[str, list[base.File]]:
    content = outgoing.content
    if not isinstance(content, Media):
        return content.plain_text(), []
    file = outgoing.load() if outgoing.load else None
    if file is None or len(file.content) > MEDIA_MAX:
        return "\n\n".join(part for part in (content.caption, content.filename, content.url) if part), []
    name = _one_line(file.name or content.filename)
    return content.caption or name, [base.File(file.content, file.media_type or content.mime_type, name)]


def _as_html(words: str) -> str:
    """Paragraphs and line breaks, everything else escaped: whoever the words come from."""
    paragraphs = [html.escape(part).replace("\n", "<br>") for part in words.split("\n\n") if part.strip()]
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def _from(account: Account, outgoing: Outgoing) -> str:
    """`Ann · Shop <support@...>`; which person of ours wrote is said by their name only."""
    names = [outgoing.agent_name if outgoing.author == "agent" else "", account.text("from_name")]
    shown = _one_line(" · ".join(name for name in names if name))
    address = naming.address_of(account)
    return formataddr((shown, address), "utf-8") if shown else address


def _subject(account: Account, outgoing: Outgoing) -> str:
    """The thread's subject; a machine's answer to a sender whom nobody vouches for repeats nothing of their words."""
    otherwise = account.text("subject") or f"Your message to {account.text('from_name') or naming.domain_of(account)}"
    if outgoing.namespace == UNPROVEN and outgoing.author != "agent":
        return _one_line(otherwise)
    return _one_line(naming.answer_to(base.text(outgoing.thread, "subject")) or otherwise)


def _headers(account: Account, outgoing: Outgoing) -> dict[str, str]:
    message_id = naming.message_id(account, outgoing.conversation, outgoing.ref)
    headers = {"Message-ID": message_id, **_thread(account, outgoing)}
    if outgoing.author != "agent":
        # RFC 3834: no machine answers this, so two of them never write to each other.
        headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
        unsubscribe = account.text("list_unsubscribe")
        if unsubscribe.startswith(("https://", "mailto:")) and not outgoing.thread:
            headers["List-Unsubscribe"] = f"<{_one_line(unsubscribe)}>"
    return headers


def _thread(account: Account, outgoing: Outgoing) -> dict[str, str]:
    """Below which mail it is shown: the customer's last one; where there is none, all of ours hang together."""
    thread: Mapping[str, Any] = outgoing.thread
    earlier = thread.get("references")
    earlier = earlier if isinstance(earlier, list) else []
    references = [one for one in earlier if isinstance(one, str) and ID.fullmatch(one)]
    last = base.text(thread, "message_id")
    if ID.fullmatch(last):
        said = list(dict.fromkeys([*references[-REFERENCES:], last]))
        return {"In-Reply-To": last, "References": " ".join(said)}
    return {"References": naming.anchor(account, outgoing.conversation)} if outgoing.conversation else {}


def _one_line(text: str) -> str:
    return " ".join(text.split())
