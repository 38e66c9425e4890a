"""May this address be called from inside? Public ones only; the rest is for the operator to allow.

`ipaddress.is_private` alone is no guard: it takes IPv4 that is wrapped in IPv6 (NAT64, SIIT, 6to4) for public. So the
wrapping goes first, and then a table of what is refused decides.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

LookUp = Callable[[str, int], Sequence[str]]

REFUSED_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")  # all that is routed; what stands below in it is not
REFUSED_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
WRAPPED_LAST = tuple(map(ipaddress.IPv6Network, ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
WRAPPED_6TO4 = ipaddress.IPv6Network("2002::/16")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; anything that is no address is not."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        return _is_public_v6(found)
    return not any(found in network for network in REFUSED_V4)


def _is_public_v6(address: ipaddress.IPv6Address) -> bool:
    if any(address in network for network in WRAPPED_LAST):
        return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)))
    if address in WRAPPED_6TO4:
        return is_public(str(ipaddress.IPv4Address(int(address) >> 80 & 0xFFFF_FFFF)))
    return address in PUBLIC_V6 and not any(address in network for network in REFUSED_V6)


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, in the system's order; raises `OSError`.

    Numbers in any of the old spellings (`127.1`, `0x7f000001`, `2130706433`) are read here and never asked for.
    """
    if (address := literal(host)) is not None:
        return [address]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def literal(host: str) -> str | None:
    """The address that a host is written as, in whichever spelling; None for a name."""
    plain = host.strip("[]")
    if ":" in plain:
        return plain
    try:
        return socket.inet_ntoa(socket.inet_aton(plain))
    except OSError:
        return None
