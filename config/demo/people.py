"""Who are the demo's customers? Pure: forty names with the identifiers they are known by."""

from __future__ import annotations

from dataclasses import dataclass

from config.demo import channels

NAMES = (
    "Elsa Nyberg", "Oskar Lund", "Priya Raman", "Jonas Weber", "Lucia Ferri", "Hamid Azimi", "Clara Dupont",
    "Mateo Ruiz", "Aiko Tanaka", "Peter Novak", "Sofia Ek", "Daniel Osei", "Marta Kowalska", "Liam Byrne",
    "Yara Costa", "Henrik Dahl", "Fatima Zahra", "George Pappas", "Ingrid Moen", "Samuel Adeyemi", "Julia Hofer",
    "Ravi Menon", "Camille Roy", "Erik Sand", "Nadia Karim", "Paul Jansen", "Lena Vogel", "Tomas Vega",
    "Amara Diallo", "Viktor Horak", "Selma Yilmaz", "Owen Clarke", "Hanna Virtanen", "Diego Mora", "Anja Kruse",
    "Femi Balogun", "Rosa Conti", "Kenji Mori", "Alma Berg", "Isaac Levy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customer:
    """`handles` are what the first message brings with it: `namespace|scope|raw|proof`."""

    number: int
    name: str
    channel: str
    kind: str
    handles: tuple[str, ...]

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def mail(self) -> str:
        return mail_of(self.name)


def mail_of(name: str) -> str:
    """Their address, by their name."""
    return f"{name.lower().replace(' ', '.')}@example.com"


def all() -> list[Customer]:
    """Most on WhatsApp (by phone, some with a business-scoped id besides or alone) and in the shop; some elsewhere."""
    return [_customer(number, name) for number, name in enumerate(NAMES)]


def _customer(number: int, name: str) -> Customer:
    phone = f"phone|demo-portfolio|4670174{660 + number:04d}|provider"
    bsuid = f"wa_bsuid|demo-portfolio|SE.88120{number:04d}77|provider"
    user = f"site_user|{channels.ISSUER}|shop-{5200 + number}|site"
    visitor = f"visitor|{channels.WEB}|demo-visitor-{number:04d}|provider"
    ways = (
        (channels.WHATSAPP, "whatsapp", (phone,)),
        (channels.WEB, "web", (user,)),
        (channels.WHATSAPP, "whatsapp", (phone, bsuid)),
        (channels.WHATSAPP, "whatsapp", (phone,)),
        (channels.WEB, "web", (visitor,)),
        (channels.WHATSAPP, "whatsapp", (bsuid,)),
        (channels.WEB, "web", (user,)),
        *_elsewhere(number, name),
    )
    channel, kind, handles = ways[number % len(ways)]
    return Customer(number, name, channel, kind, handles)


def _elsewhere(number: int, name: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The demo's further channels, with the identifiers that their providers would name."""
    ways = {
        "telegram": f"telegram_user||52390{number:05d}|provider",
        "discord": f"discord_user||95728001773{number:07d}|provider",
        "email": f"email||{mail_of(name)}|provider",
        "sms": f"phone||+4670174{7660 + number}|imported",
        "messenger": f"messenger_user|{channels.account('messenger')}|831129246{number:07d}|provider",
    }
    return [(f"{kind}-demo", kind, (handle,)) for kind, handle in ways.items()]
