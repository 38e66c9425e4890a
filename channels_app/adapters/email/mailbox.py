"""How is a mailbox read over IMAP? By UID, marking nothing; IDLE only says that it is worth looking again."""

from __future__ import annotations

import imaplib
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from imap_tools import AND, BaseMailBox, ImapToolsError, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted

from channels_app.adapters.base import Account, DeliveryError, RawEvent
from channels_app.adapters.base.pulling import Pulled
from channels_app.adapters.email import incoming
from channels_app.adapters.email.stored import Stored
from common import clock

TIMEOUT = 20.0  # seconds
PAUSE = 1.0  # seconds
MAIL_MAX = 40 * 1024 * 1024  # bytes: of a larger mail only the header is taken
IMAP_ERRORS = (imaplib.IMAP4.error, OSError, ssl.SSLError, ValueError)


def pull(account: Account, place: Mapping[str, Any], limit: int) -> Pulled:
    """The mails after a place, the oldest first. `DeliveryError`.

    A mailbox that is new to us begins with what comes from now on. One whose UIDs have lost their meaning (another
    UIDVALIDITY) is read again from the day before it was read last: the keys of the inbox know what was there.
    """
    with _told(), opened(account) as box:
        validity, last = _here(box, account)
        known, uid = place.get("validity"), place.get("uid")
        if known is None or not isinstance(uid, int):
            return Pulled((), _place(validity, last))
        if known != validity:
            uid = _before(box, str(place.get("day", "")))
        uids = _after(box, uid)
        events = [event for one in uids[:limit] if (event := _event(box, account, one)) is not None]
        has_more = len(uids) > limit
        reached = uids[:limit][-1] if uids else max(uid, last if known == validity else 0)
        return Pulled(tuple(events), _place(validity, reached), has_more)


def wait(account: Account, seconds: float) -> None:
    """Returns when the server tells of something new, or after so many seconds. `DeliveryError`."""
    with _told():
        try:
            with opened(account) as box:
                box.idle.wait(timeout=seconds)
        except imaplib.IMAP4.abort:
            time.sleep(PAUSE)  # the line broke, perhaps amid the news: look, but never in a tight circle


@contextmanager
def opened(account: Account) -> Iterator[BaseMailBox]:
    """The folder, read-only, for as long as the block runs."""
    host, security = account.text("imap_host"), account.text("imap_security", "tls")
    port = account.config.get("imap_port")
    port = port if isinstance(port, int) and 0 < port < 65536 else 993 if security == "tls" else 143
    kinds = {"tls": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}
    made: BaseMailBox = kinds.get(security, MailBox)(host, port, timeout=TIMEOUT)
    folder = account.text("imap_folder", "INBOX")
    with made.login(account.text("imap_user"), account.secret("imap_password"), initial_folder=None) as box:
        box.folder.set(folder, readonly=True)
        yield box


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with a mailbox, in our words: a refused log-in is the channel's, all else passes."""
    try:
        yield
    except (MailboxLoginError, imaplib.IMAP4.readonly) as error:
        raise DeliveryError("channel_down", provider_text="the mailbox refuses the log-in") from error
    except (ImapToolsError, *IMAP_ERRORS) as error:
        raise DeliveryError("provider_down", provider_text=type(error).__name__) from error


def _here(box: BaseMailBox, account: Account) -> tuple[int, int]:
    """The mailbox's UIDVALIDITY, and the last UID it has given away."""
    status = box.folder.status(account.text("imap_folder", "INBOX"), ["UIDVALIDITY", "UIDNEXT"])
    return int(status.get("UIDVALIDITY", 0)), int(status.get("UIDNEXT", 1)) - 1


def _place(validity: int, uid: int) -> dict[str, Any]:
    return {"validity": validity, "uid": uid, "day": clock.now().date().isoformat()}


def _after(box: BaseMailBox, uid: int) -> list[int]:
    # `*` is the last one, whatever its UID: a server that has nothing newer names it again.
    return sorted(int(one) for one in box.uids(AND(uid=f"{uid + 1}:*")) if one.isdigit() and int(one) > uid)


def _before(box: BaseMailBox, day: str) -> int:
    """The UID just before the first mail since the day before; 0 if that cannot be told: everything is read again."""
    try:
        first = date.fromisoformat(day) - timedelta(days=1)
    except ValueError:
        return 0
    uids = [int(one) for one in box.uids(AND(date_gte=first)) if one.isdigit()]
    return min(uids) - 1 if uids else 0


def _event(box: BaseMailBox, account: Account, uid: int) -> RawEvent | None:
    """The mail as the inbox takes it; None if it was deleted just now. Its flags stay as they are."""
    is_cut = _size(box, uid) > MAIL_MAX
    found = _fetch(box, uid, "BODY.PEEK[HEADER]" if is_cut else "BODY.PEEK[]")
    raw = next((part[1] for part in found if isinstance(part, tuple)), b"")
    one = Stored("mime", raw, content_type="message/rfc822", is_cut=is_cut)
    return incoming.event(one, [account]) if raw else None


def _size(box: BaseMailBox, uid: int) -> int:
    for part in _fetch(box, uid, "RFC822.SIZE"):
        said = part[0] if isinstance(part, tuple) else part
        found = said.decode("ascii", "replace").upper().partition("RFC822.SIZE ")[2] if isinstance(said, bytes) else ""
        digits = found.split(")")[0].split(" ")[0]
        if digits.isdigit():
            return int(digits)
    return 0


def _fetch(box: BaseMailBox, uid: int, query: str) -> list[Any]:
    status, parts = box.client.uid("fetch", str(uid), f"({query})")
    if status != "OK":
        raise DeliveryError("provider_down", provider_text="the mailbox does not answer")
    return list(parts or [])
