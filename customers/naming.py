"""What is a person called? The same everywhere: by name, else by what a channel calls them, else by an address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from customers import attribute_showing, definitions, pages_words
from customers.models import Attribute, Identity
from customers.namespaces import Namespace

NOBODY = "Unknown visitor"
KEYS = ("name", "first_name", "last_name")
# What stands for a person without a name, the most telling first.
FALLBACKS = (
    Namespace.PHONE,
    Namespace.EMAIL,
    Namespace.CUSTOMER_NUMBER,
    Namespace.SITE_USER,
    Namespace.TELEGRAM_USER,
    Namespace.DISCORD_USER,
    Namespace.WA_BSUID,
    Namespace.EMAIL_FROM,
)
CHANNELS = {
    Namespace.WA_BSUID: "WhatsApp",
    Namespace.WA_PARENT_BSUID: "WhatsApp",
    Namespace.TELEGRAM_USER: "Telegram",
    Namespace.DISCORD_USER: "Discord",
    Namespace.MESSENGER_USER: "Messenger",
    Namespace.EMAIL: "E-mail",
    Namespace.EMAIL_FROM: "E-mail",
    Namespace.SITE_USER: "Web",
    Namespace.VISITOR: "Web",
}
SIGNS = " +<>'\""  # around an address, as people and programs write it
Writer = Callable[[Identity], str]


@dataclass(frozen=True, slots=True)
class Card:
    """A person in one line: `address` is the masked main one (with its kind), '' if there is none."""

    name: str = NOBODY
    address: str = ""
    channels: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Name and address, without saying the same twice."""
        return ", ".join(part for part in (self.name, self.address) if part and not self._is_said(part))

    def _is_said(self, part: str) -> bool:
        return part == self.name and self.address.endswith(self.name)


def cards(root_ids: Collection[int]) -> dict[int, Card]:
    """The same with the main address and the channels. Two queries."""
    told, held = _told(root_ids), _held(root_ids)
    return {root_id: _card(told.get(root_id, ""), held.get(root_id, [])) for root_id in root_ids}


def ends(origins: Iterable[int]) -> dict[int, str]:
    """How the origins of one person are told apart: the name and masked address each was met by. One query."""
    held: dict[int, list[Identity]] = {}
    for row in Identity.objects.filter(customer_id__in=set(origins)):
        held.setdefault(row.customer_id, []).append(row)
    return {origin: _card("", rows).line for origin, rows in held.items()}


def names(root_ids: Collection[int], *, write: Writer = pages_words.address, reveals: bool = False) -> dict[int, str]:
    """What each person is called, by root; at most two queries. `write` says an address, masked if nobody says how."""
    wanted = set(root_ids)
    found = _told(wanted, reveals)
    if missing := wanted - set(found):
        found |= {root_id: called("", rows, write=write) for root_id, rows in _held(missing).items()}
    return {root_id: found.get(root_id, NOBODY) for root_id in wanted}


def called(name: str, held: Iterable[Identity], *, write: Writer = pages_words.address) -> str:
    """The name, else the channel's name for them, else the most telling of these addresses. No query."""
    rows = sorted(held, key=rank)
    profile = next((row.display for row in rows if row.display and not _is_address(row.display, row)), "")
    return name or profile or next(map(write, rows), NOBODY)


def _is_address(display: str, row: Identity) -> bool:
    """Some programs for mail call a sender by the address: that is no name, and the address may be masked."""
    return bool(display.strip(SIGNS).casefold() == row.raw.strip(SIGNS).casefold())


def rank(row: Identity) -> tuple[bool, int]:
    """Those that are more than a claim first, then as people tell each other apart."""
    place = FALLBACKS.index(Namespace(row.namespace)) if row.namespace in FALLBACKS else len(FALLBACKS)
    return row.proof == Identity.Proof.CLAIMED, place


def of_values(values: dict[str, str]) -> str:
    """The name that these attributes give, '' if none."""
    parts = (values.get("first_name", ""), values.get("last_name", ""))
    return values.get("name") or " ".join(part for part in parts if part)


def _told(root_ids: Collection[int], reveals: bool = False) -> dict[int, str]:
    held = Attribute.objects.filter(root_id__in=root_ids, key__in=KEYS, observation__is_clear=False)
    values: dict[int, dict[str, str]] = {}
    for row in held.select_related("observation"):
        said = attribute_showing.said(definitions.of(row.key), row.observation.value, reveals=reveals)
        values.setdefault(row.root_id, {})[row.key] = said
    return {root_id: name for root_id, said in values.items() if (name := of_values(said))}


def _held(root_ids: Collection[int]) -> dict[int, list[Identity]]:
    found: dict[int, list[Identity]] = {}
    for row in Identity.objects.live().filter(customer__root_id__in=root_ids).select_related("customer"):
        found.setdefault(row.customer.root_id, []).append(row)
    return found


def _card(name: str, held: list[Identity]) -> Card:
    best = min(held, key=rank, default=None)
    address = f"{pages_words.kind(best.namespace)} {pages_words.address(best)}" if best else ""
    return Card(called(name, held), address, tuple(sorted({word for row in held if (word := _channel(row))})))


def _channel(row: Identity) -> str:
    if row.namespace == Namespace.PHONE:
        return "WhatsApp" if row.proof == Identity.Proof.PROVIDER else ""
    return CHANNELS.get(Namespace(row.namespace), "")
