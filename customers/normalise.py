"""Under which key is an identifier known, or why can it not be one? Pure: no database."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import idna

from customers import phones
from customers.namespaces import Namespace

LONGEST = 255
BLOCKED = frozenset(
    {"", "null", "undefined", "none", "nan", "[object object]", "unknown", "n/a", "anonymous", "guest", "-1"}
    | {"test@test.com"}
)
BLOCKED_SHAPE = re.compile(r"^[0-]*$|^\+0+$|^\{\{.*\}\}$|^\$\{.*\}$", re.DOTALL)
ROLE_ADDRESSES = frozenset({"info", "support", "sales", "admin", "office", "contact", "hello", "noreply", "no-reply"})
ROLE, NO_FLAGS = frozenset({"role_address"}), frozenset[str]()
# What most addresses look like: nothing in it needs a second look.
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]{2,}")
DIGITS_ONLY = frozenset({Namespace.TELEGRAM_USER, Namespace.DISCORD_USER})


@dataclass(frozen=True, slots=True)
class Key:
    """A normalised identifier; `matches=False` is kept for display and matches nothing."""

    namespace: Namespace
    scope: str
    value: str
    raw: str
    extension: str = ""
    matches: bool = True
    flags: frozenset[str] = frozenset()

    @property
    def routes(self) -> bool:
        """May a message be placed by it? A switchboard's extension or a number without a country may not."""
        return self.matches and not self.extension

    @property
    def tail(self) -> str:
        """The last 8 digits of a phone, else nothing."""
        return phones.tail(self.value) if self.namespace is Namespace.PHONE and self.matches else ""

    @property
    def local(self) -> str:
        """The part of an e-mail before the @, else nothing."""
        is_mail = self.namespace in (Namespace.EMAIL, Namespace.EMAIL_FROM)
        return self.value.rpartition("@")[0] if is_mail else ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text is no identity: the event is kept, a counter rises."""

    reason: str


def key(
    namespace: str, raw: str, *, scope: str = "", region: str | None = None, from_provider: bool = False
) -> Key | Refused:
    """The key of `raw` in a namespace; a business-scoped WhatsApp id in a phone's place becomes what it is."""
    kind = namespace if type(namespace) is Namespace else Namespace(namespace)
    if is_blocked(raw):
        return Refused("blocked_value")
    if len(raw) > LONGEST or (
        not raw.isprintable() and any(unicodedata.category(character) == "Cc" for character in raw)
    ):
        return Refused("bad_characters")
    if kind is Namespace.PHONE:
        return _phone(raw, scope, region, from_provider)
    if kind in (Namespace.EMAIL, Namespace.EMAIL_FROM):
        return _email(kind, raw, scope if kind is Namespace.EMAIL_FROM else "")
    if kind is Namespace.SITE_USER:
        return Key(kind, scope, raw, raw)
    value = raw.strip()
    if kind in DIGITS_ONLY:
        return Key(kind, "", value, raw) if value.isascii() and value.isdecimal() else Refused("not_an_id")
    return Key(kind, scope, value, raw)


def variants(of: Key) -> frozenset[str]:
    """Every value that means the same address, the key's own included."""
    if of.namespace is Namespace.PHONE and of.matches:
        return phones.variants(of.value)
    return frozenset({of.value})


def is_blocked(raw: str) -> bool:
    """Is it a placeholder that many records share (section 5 of the identity page)?"""
    text = raw.strip().strip("\"'`").strip().casefold()
    return text in BLOCKED or bool(BLOCKED_SHAPE.match(text))


def _phone(raw: str, scope: str, region: str | None, from_provider: bool) -> Key | Refused:
    # Before parsing: `US.4155552671` with region US would parse to a valid American number.
    if found := phones.BSUID.fullmatch(raw.strip()):
        kind = Namespace.WA_PARENT_BSUID if found.group(1) else Namespace.WA_BSUID
        return Key(kind, scope, raw.strip(), raw.strip())
    number = phones.from_provider(raw) if from_provider else phones.from_text(raw, region)
    if isinstance(number, phones.NotAPhone):
        return Refused(number.reason)
    return Key(Namespace.PHONE, "", number.e164, raw, number.extension, matches=number.has_country)


def _email(kind: Namespace, raw: str, scope: str) -> Key | Refused:
    text = unicodedata.normalize("NFC", raw.strip())
    if text.isascii() and PLAIN_ADDRESS.fullmatch(text):
        value = text.lower()
        return Key(kind, scope, value, raw, flags=ROLE if value.partition("@")[0] in ROLE_ADDRESSES else NO_FLAGS)
    if any(unicodedata.category(c) in ("Cf", "Zs", "Zl", "Zp") or c in '<>,;"()' for c in text):
        return Refused("not_one_address")
    local, at, domain = text.rpartition("@")
    if not at or not local or "@" in local or re.search("[\u3002\uff0e\uff61]", domain):
        return Refused("not_an_email")
    local, domain = _ascii_lower(local), _ascii_lower(domain)
    try:
        # Without UTS 46: its mapping would make look-alikes equal.
        ascii_domain = domain if domain.isascii() else idna.encode(domain).decode()
    except idna.IDNAError:
        return Refused("not_an_email")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", ascii_domain) or ".." in ascii_domain:
        return Refused("not_an_email")
    return Key(kind, scope, f"{local}@{ascii_domain}", raw, flags=_email_flags(local, domain))


def _email_flags(local: str, domain: str) -> frozenset[str]:
    flags = {"role_address"} if local in ROLE_ADDRESSES else set()
    if any(len(_scripts(label)) > 1 for label in domain.split(".")):
        flags.add("mixed_scripts")
    return frozenset(flags)


def _scripts(label: str) -> set[str]:
    return {unicodedata.name(character, "?").split(" ")[0] for character in label if character.isalpha()}


def _ascii_lower(text: str) -> str:
    return "".join(chr(ord(character) + 32) if "A" <= character <= "Z" else character for character in text)
