"""Which site may talk to this widget? Exact scheme, host and port; nothing is matched by pattern."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from channels_app.models import Channel

Headers = Iterable[tuple[bytes, bytes]]


def allowed(channel: Channel, host: str) -> list[str]:
    """The channel's sites and this installation itself as the browser reached it (the widget's frame lives there)."""
    return [*(origin for origin in map(exact, channel.allowed_origins) if origin), *_own(host)]


def is_allowed(origin: str, channel: Channel, host: str) -> bool:
    """Is this very origin on the list? `null` and the empty one never are."""
    return origin in allowed(channel, host)


def of_socket(headers: Headers, channel: Channel) -> bool:
    """May this socket open? It names one origin, once, and that one is on the list."""
    origins = [value for name, value in headers if name == b"origin"]
    hosts = [value for name, value in headers if name == b"host"]
    if len(origins) != 1 or len(hosts) != 1:
        return False
    return is_allowed(origins[0].decode("latin-1"), channel, hosts[0].decode("latin-1"))


def exact(text: str) -> str:
    """`scheme://host[:port]` of an address as a browser would send it, or '' if it is none."""
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "*" in parts.netloc or "@" in parts.netloc:
        return ""
    default = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, default) else "")


def _own(host: str) -> list[str]:
    """Our public address, and the address in the Host header if it is one of ours."""
    own = [exact(settings.PUBLIC_URL)]
    domain, _ = split_domain_port(host)
    if domain and validate_host(domain, settings.ALLOWED_HOSTS):
        own.append(exact(f"{urlsplit(settings.PUBLIC_URL).scheme}://{host}"))
    return own
