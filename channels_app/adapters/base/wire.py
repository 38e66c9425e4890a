"""How is a provider's HTTP interface called? Keep-alive connections per account, and every failure in our words."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from channels_app.adapters.base.outcomes import DeliveryError
from channels_app.adapters.base.tolerant import NOTHING, Malformed, loads, mapping

TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)  # seconds
LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=55)
LINES_MAX = 256  # connections pools that are kept; the oldest goes first

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole URLs, and some providers put tokens there

OfAnswer = Callable[[httpx.Response], DeliveryError]
_lines: dict[tuple[str, tuple[tuple[str, str], ...]], Line] = {}
_lock = threading.Lock()


class Line:
    """Keep-alive connections to one base URL with the same headers (the token is one of them).

    It speaks to httpx's transport itself: one message needs no redirects, cookies or mounts, and they cost as much
    again as the request.
    """

    def __init__(self, root: str, headers: Mapping[str, str]) -> None:
        self.root = httpx.URL(root)
        self.transport = httpx.HTTPTransport(limits=LIMITS, trust_env=False, proxy=_proxy(self.root))
        self.headers = dict(headers)
        self.urls: dict[str, httpx.URL] = {}

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        """One request below the root; `content` as `httpx.Request` takes it (json, data, files, params, headers)."""
        if (url := self.urls.get(path)) is None:
            url = self.root.join(path)
            if len(self.urls) < 64:
                self.urls[path] = url
        headers = {**self.headers, **content.pop("headers", {})}
        request = httpx.Request(method, url, headers=headers, extensions={"timeout": TIMEOUT.as_dict()}, **content)
        answer = self.transport.handle_request(request)
        answer.read()
        return answer


def line(root: str, headers: Mapping[str, str] = NOTHING) -> Line:
    """The connections to a base URL (it ends with `/`); a new token or URL makes new ones."""
    named = (root, tuple(sorted(headers.items())))
    with _lock:
        found = _lines.get(named)
        if found is None:
            if len(_lines) >= LINES_MAX:
                _lines.pop(next(iter(_lines)))
            found = _lines.setdefault(named, Line(root, headers))
        return found


def call(asked: Callable[[], httpx.Response], of_answer: OfAnswer) -> httpx.Response:
    """The provider's answer if it is a success; any failure as `DeliveryError`, an answer's by the provider's table."""
    try:
        answer = asked()
    except httpx.HTTPError as error:
        raise from_httpx(error) from error
    except (httpx.InvalidURL, ValueError) as error:
        # The URL may hold the token: only the kind of the fault is said.
        said = f"the base URL cannot be used: {type(error).__name__}"
        raise DeliveryError("channel_down", provider_text=said) from error
    if not answer.is_success:
        raise of_answer(answer)
    return answer


def body(answer: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of an answer, an empty one if it is none."""
    try:
        return mapping(loads(answer.content))
    except Malformed:
        return NOTHING


def from_httpx(error: httpx.HTTPError) -> DeliveryError:
    """Was anything sent? A connection that was never made is a provider that is down; anything later is lost."""
    nothing_sent = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout
    our_fault = httpx.UnsupportedProtocol | httpx.LocalProtocolError  # a base URL or token that cannot be used
    reason = "provider_down" if isinstance(error, nothing_sent) else "lost"
    reason = "channel_down" if isinstance(error, our_fault) else reason
    return DeliveryError(reason, provider_text=type(error).__name__)


def _proxy(root: httpx.URL) -> httpx.Proxy | None:
    """The operator's proxy for this host, if the environment names one; never for this machine."""
    if root.host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(root.host):
        return None
    url = getproxies().get(root.scheme)
    return httpx.Proxy(url) if url else None
