"""Which names do our own mails bear, so that an answer finds its way? Message-ID, plus-address, subject and code."""

from __future__ import annotations

import hmac
import re
from base64 import b32decode, b32encode
from binascii import Error as BadBase32
from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

from channels_app.adapters.base import Account, DeepLink, codes
from channels_app.adapters.email.letters import Letter
from common import crypto

OURS = re.compile(r"<conv\.([0-9a-f-]{36})\.msg\.([0-9a-f-]{36})@([^>\s]+)>", re.IGNORECASE)
TOKEN = re.compile(r"\+c([a-z2-7]{26})([a-z2-7]{12})@")
CODE_TAG = re.compile(r"\+k-([A-Za-z0-9]{4,32})@")
ANSWER = re.compile(r"^\s*(?:(?:re|aw|sv|vs|antw|odp|ref|rif|回复|ответ|отв)(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)


def address_of(account: Account) -> str:
    """The address that we write from and that people write to."""
    return (account.text("address") or account.account).lower()


def domain_of(account: Account) -> str:
    return address_of(account).rpartition("@")[2] or "localhost"


def message_id(account: Account, conversation: str, ref: str) -> str:
    """The Message-ID of one wire message: the same whenever the same delivery is sent again."""
    return f"<conv.{conversation or ref}.msg.{ref}@{domain_of(account)}>"


def anchor(account: Account, conversation: str) -> str:
    """What all mails of one conversation refer to, so that programs show them as one thread."""
    return f"<conv.{conversation}@{domain_of(account)}>"


def delivery_of(ids: Sequence[str], account: Account) -> str:
    """Our reference in the first of these ids that is a Message-ID of this account, '' if none is."""
    for one in ids:
        if (found := OURS.fullmatch(one)) and found.group(3).lower() == domain_of(account):
            return found.group(2)
    return ""


def is_ours(id_: str, account: Account) -> bool:
    """Was a mail with this Message-ID written by us?"""
    return bool(delivery_of([id_], account))


def reply_address(account: Account, conversation: str) -> str:
    """The plus-address of a conversation, signed: `support+c<id><signature>@`; '' if the account wants none."""
    local, _, domain = address_of(account).partition("@")
    if not domain or not conversation or account.config.get("plus_address") is False:
        return ""
    try:
        name = b32encode(UUID(conversation).bytes).decode().rstrip("=").lower()
    except ValueError:
        return ""
    return f"{local}+c{name}{_sign(account, name)}@{domain}"


def conversation_of(letter: Letter, account: Account) -> str:
    """The conversation whose plus-address the mail was written to; '' unless the signature is ours.

    It places nothing by itself: a message lies with its sender, whoever has learnt the address.
    """
    for address in letter.recipients:
        found = TOKEN.search(address)
        if found and _is_signed(account, found.group(1), found.group(2)):
            try:
                return str(UUID(bytes=b32decode(found.group(1).upper() + "======")))
            except (BadBase32, ValueError):
                continue
    return ""


def is_to(address: str, account: Account) -> bool:
    """Is this our address, whatever stands behind its plus?"""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" == address_of(account)


def take_code(letter: Letter, text: str) -> tuple[str, str]:
    """(the one-time code of a deep link, the text without it): from the text, the subject or the plus-address."""
    rest, code = codes.cut(text)
    if code:
        return code, rest
    tags = (CODE_TAG.search(to) for to in letter.recipients)
    # An address arrives in lower case; our codes have none.
    return codes.cut(letter.subject)[1] or next((tag.group(1).upper() for tag in tags if tag), ""), text


def without_code(text: str) -> str:
    return " ".join(codes.cut(text)[0].split())


def link(account: Account, code: str) -> DeepLink | None:
    """A `mailto:` with the code in its subject."""
    address = address_of(account)
    if "@" not in address:
        return None
    subject, body = quote(f"Continue here {codes.written(code)}"), quote("Send this mail to continue.")
    return DeepLink(f"mailto:{quote(address, safe='@+')}?subject={subject}&body={body}")


def answer_to(subject: str) -> str:
    """The subject of an answer: one `Re:`, whatever language the others were in."""
    bare = without_code(ANSWER.sub("", subject))[:200]
    return f"Re: {bare}" if bare else ""


def _sign(account: Account, name: str) -> str:
    return _short(crypto.blind("email-thread", account.key, value=name))


def _is_signed(account: Account, name: str, given: str) -> bool:
    """By any key that is still valid: mails are answered long after a rotation."""
    digests = crypto.blind_all("email-thread", account.key, value=name)
    return any(hmac.compare_digest(given, _short(digest)) for digest in digests)


def _short(digest: str) -> str:
    return b32encode(digest.encode())[:12].decode().lower()
