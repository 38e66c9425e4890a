"""What does a column mean, what does a cell say, and how is one made harmless? Pure, but for the policy.

BadColumns   the columns are not mapped in a way that an import could use
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from common.problems import Problem
from customers import attribute_types, definitions, normalise, policy
from customers.attribute_rules import Definition
from customers.namespaces import EXCLUSIVE, Namespace
from customers.normalise import Key, Refused

TRUSTS = ("hint", "mapping", "attribute", "ignore")
DATE = "date"
KINDS = ("phone", "email", "telegram_user", "discord_user", "site_user", "customer_number")
LONGEST = 2000
BLOCKED = Refused("blocked_value")
# Header, in lower case, without accents and marks between words -> target.
ALIASES = {
    "phone": (
        *("phone", "telephone", "tel", "mobile", "cell", "phonenumber", "mobilephone", "whatsapp", "msisdn"),
        *("telefon", "telefonnummer", "handy", "handynummer", "mobil", "mobilnummer", "mobiltelefon"),
        *("telefono", "telefone", "movil", "celular", "portable", "numerodetelephone", "numerodetelefono"),
    ),
    "email": (
        *("email", "mail", "emailaddress", "emailadresse", "mailadresse", "epost", "epostadress"),
        *("correo", "correoelectronico", "courriel", "adresseemail"),
    ),
    "telegram_user": ("telegram", "telegramid", "telegramuserid"),
    "discord_user": ("discord", "discordid", "discorduserid"),
    "customer_number@crm": (
        "customernumber",
        "customerid",
        "customerno",
        "crmid",
        "kundennummer",
        "kundnummer",
        "numeroclient",
    ),
    "site_user@site": ("userid", "siteuser", "siteuserid"),
    "name": ("name", "fullname", "displayname", "namn", "nom", "nome", "nombre"),
    "first_name": ("firstname", "givenname", "vorname", "fornamn", "prenom"),
    "last_name": (
        "lastname",
        "surname",
        "familyname",
        "nachname",
        "familienname",
        "efternamn",
        "apellido",
        "apellidos",
    ),
    "language": ("language", "lang", "locale", "sprache", "sprak", "langue", "idioma"),
    "city": ("city", "town", "stadt", "ort", "wohnort", "stad", "ville", "ciudad"),
    DATE: ("updatedat", "updated", "modified", "lastmodified", "date"),
}


class BadColumns(Problem):
    code, title, status = "bad_columns", "The columns cannot be imported like this.", 400


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `target` is a kind of address (`customer_number@shop`), `date`, or the name of an attribute."""

    header: str
    target: str = ""
    trust: str = "ignore"
    namespace: str = field(init=False, default="")
    scope: str = field(init=False, default="")

    def __post_init__(self) -> None:
        if self.trust in ("hint", "mapping"):
            object.__setattr__(self, "namespace", self.target.partition("@")[0])
            object.__setattr__(self, "scope", self.target.partition("@")[2])


@dataclass(slots=True)
class Said:
    """What one row says: addresses, attributes, when; what was wrong with it, and what is only worth a warning."""

    mapped: list[Key] = field(default_factory=list)
    hinted: list[Key] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    refused: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)


def guess(headers: Sequence[str]) -> list[Column]:
    """A proposal by the headers' names: addresses only as hints, what nobody knows is ignored."""
    by_alias = {alias: target for target, aliases in ALIASES.items() for alias in aliases}
    found, taken = [], set[str]()
    for header in headers:
        target = by_alias.get(_bare(header), "")
        if not target or target in taken:
            found.append(Column(header))
            continue
        taken.add(target)
        found.append(Column(header, target, "hint" if target.partition("@")[0] in KINDS else "attribute"))
    return found


def columns(given: Sequence[dict[str, Any] | Column]) -> list[Column]:
    """The columns as given, checked: at least one names an address, and no attribute twice."""
    found = [one if isinstance(one, Column) else Column(**one) for one in given]
    for one in found:
        _check(one)
    targets = [one.target for one in found if one.trust == "attribute"]
    if len(set(targets)) < len(targets):
        raise BadColumns("Two columns name the same attribute.")
    if not any(one.namespace for one in found):
        raise BadColumns("At least one column must be an address: phone, e-mail, an id.")
    return found


def plain(given: Sequence[Column]) -> list[dict[str, str]]:
    """The columns as they are kept with the import."""
    return [{"header": one.header, "target": one.target, "trust": one.trust} for one in given]


class Reading:
    """The columns as rows are read by them; the policy is asked once, for a file may be read for minutes."""

    def __init__(self, given: Sequence[Column]) -> None:
        self.width = len(given)
        self.columns = [
            (place, one, Namespace(one.namespace) if one.namespace else None, definitions.of(one.target))
            for place, one in enumerate(given)
            if one.trust != "ignore"
        ]
        self.rules = policy.current()
        self.region = self.rules.region or None

    def said(self, cells: Sequence[str]) -> Said:
        """What a row says under these columns; an empty cell is no opinion."""
        row = Said()
        if len(cells) > self.width:
            row.refused.append("too_many_cells")
            return row
        for place, column, kind, definition in self.columns:
            text = cells[place].strip() if place < len(cells) else ""
            if not text:
                continue
            if text[0] == "'":
                text = plain_again(text)
            if kind is not None:
                self._address(row, column, kind, text)
            elif column.target == DATE:
                _date(row, column, text)
            elif len(text) > LONGEST:
                row.refused.append(f"{column.header}: too_long")
            else:
                _value(row, column, definition, text)
        if not row.refused and not row.mapped and not row.hinted:
            row.refused.append("no_identifier")
        return row

    def _address(self, row: Said, column: Column, kind: Namespace, text: str) -> None:
        is_placeholder = bool(self.rules.blocked) and self.rules.blocks(text)
        key = normalise.key(kind, text, scope=column.scope, region=self.region)
        if is_placeholder or key == BLOCKED or (isinstance(key, Key) and self.rules.blocks_key(key)):
            row.warned.append(f"{column.header}: blocked_value")
        elif isinstance(key, Refused):
            row.refused.append(f"{column.header}: {key.reason}")
        else:
            self._keep(row, column, key)

    def _keep(self, row: Said, column: Column, key: Key) -> None:
        """As far trusted as the column is, unless the address is one that many share or that misses its country."""
        is_role = "role_address" in key.flags or bool(key.local and key.local in self.rules.role_addresses)
        is_trusted = column.trust == "mapping" and key.routes and not is_role
        if column.trust == "mapping" and not is_trusted:
            reason = "role_address" if is_role else "extension" if key.extension else "no_country"
            row.warned.append(f"{column.header}: {reason}")
        (row.mapped if is_trusted else row.hinted).append(key)


def neutral(text: str) -> str:
    """The cell as a spreadsheet shows it and never runs it: what could begin a formula gets an apostrophe."""
    bare = text.lstrip("\ufeff\"' \u00a0")
    return (
        f"'{text}"
        if bare[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20") and bare
        else text
    )


def plain_again(text: str) -> str:
    """What `neutral` made harmless, as it was: a file of reasons is mended and handed in again."""
    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text


def _bare(header: str) -> str:
    """`Téléphone mobile` is `telephonemobile`."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKD", header.casefold()))


def _check(one: Column) -> None:
    if one.trust not in TRUSTS:
        raise BadColumns(f"{one.header}: the trust is one of {', '.join(TRUSTS)}.")
    kind = one.target.partition("@")[0]
    if one.namespace and kind not in KINDS:
        raise BadColumns(f"{one.header}: an address is one of {', '.join(KINDS)}.")
    if one.namespace and kind in EXCLUSIVE and not one.scope:
        raise BadColumns(f"{one.header}: say whose number it is, such as {kind}@shop.")
    if one.trust == "attribute" and not re.fullmatch(r"[a-z][a-z0-9_]{0,99}", one.target):
        raise BadColumns(f"{one.header}: an attribute's name has small letters, digits and underscores.")


def _value(row: Said, column: Column, definition: Definition, text: str) -> None:
    try:
        row.values[column.target] = attribute_types.read(definition, text)
    except attribute_types.Refused as problem:
        row.refused.append(f"{column.header}: {problem.detail}")


def _date(row: Said, column: Column, text: str) -> None:
    try:
        at = datetime.fromisoformat(text)
        row.at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        row.refused.append(f"{column.header}: bad_date")


def is_known(keys: Sequence[Key]) -> bool:
    """Is one of these a user id or a customer number?"""
    return any(Namespace(key.namespace) in EXCLUSIVE for key in keys)
