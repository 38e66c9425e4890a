"""What is an attribute, and by which rule does one of its values hold? Pure: the definition, and those built in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

TYPES = ("text", "number", "boolean", "date", "datetime", "choice", "list", "email", "phone", "url")
POLICIES = ("verified_sticky", "newest", "source_order", "min", "max", "union")
REACTIONS = ("flag", "keep", "take")
TAKES = ("fill_empty", "take", "ignore")
# Who tells of people without being asked: profiles of channels, the site's login, the system of record.
FEEDS: Mapping[str, str] = MappingProxyType(
    {
        "provider:whatsapp": "a WhatsApp profile",
        "provider:telegram": "a Telegram profile",
        "provider:discord": "a Discord profile",
        "provider:messenger": "a Messenger profile",
        "provider:email": "the sender's name of an e-mail",
        "provider:sms": "an SMS",
        "site": "the site's login",
        "crm": "the CRM, over the API",
    }
)
NAMES = frozenset({"name", "first_name", "last_name"})


@dataclass(frozen=True, slots=True)
class Definition:
    """One attribute. `sync`: what it takes from which feed, where that differs from the identity policy."""

    key: str
    label: str = ""
    type: str = "text"
    choices: tuple[str, ...] = ()
    policy: str = "newest"
    on_disagreement: str = "flag"
    is_personal: bool = False
    is_bot_visible: bool = False
    description: str = ""
    order: int = 1000
    is_archived: bool = False
    is_defined: bool = True
    sync: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label or self.key.replace("_", " ").capitalize()

    def takes(self, source: str, *, by_default: Mapping[str, str], names: str) -> str:
        """`take`, `fill_empty` or `ignore`; `names` is what a name in a channel's profile counts for."""
        head = source.partition(":")[0]
        for wishes in (self.sync, by_default):
            if found := wishes.get(source) or wishes.get(head):
                return found
        return names if head == "provider" and self.key in NAMES else "take"


def undefined(key: str) -> Definition:
    """What nobody has defined: any value, the newest holds."""
    return Definition(key, is_defined=False)


def _sticky(key: str, label: str, order: int, kind: str = "text", *, is_personal: bool = False) -> Definition:
    """What a person is sure of about themselves: a verified value stays."""
    return Definition(key, label, kind, policy="verified_sticky", order=order, is_personal=is_personal)


def _built_in() -> tuple[Definition, ...]:
    return (
        _sticky("name", "Name", 10),
        _sticky("first_name", "First name", 11),
        _sticky("last_name", "Last name", 12),
        _sticky("email", "E-mail", 20, "email", is_personal=True),
        _sticky("phone", "Phone", 21, "phone", is_personal=True),
        _sticky("birth_date", "Date of birth", 22, "date", is_personal=True),
        _sticky("address", "Address", 23, is_personal=True),
        Definition("city", "City", order=24),
        Definition("country", "Country", order=25),
        Definition("language", "Language", order=26, on_disagreement="take"),
        Definition("company", "Company", order=27),
        Definition("customer_number", "Customer number", order=30, policy="source_order"),
        Definition("segment", "Segment", order=31, policy="source_order"),
        Definition("tags", "Tags", "list", order=32, policy="union"),
        Definition("first_seen", "First seen", "datetime", order=40, policy="min"),
        Definition("last_seen", "Last seen", "datetime", order=41, policy="max"),
        Definition("last_page", "Last page", order=42, on_disagreement="take"),
    )


BUILT_IN: Mapping[str, Definition] = MappingProxyType({one.key: one for one in _built_in()})
