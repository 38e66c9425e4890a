"""Where on a fixed host does a request go? Path and query, built from parts that strangers may have written.

What a template filled in comes percent-encoded, one segment at a time; here the result is looked at once more, so that
no value climbs out of its segment, names another host, or begins a header of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlencode

from common.dialing import Refused

LONGEST = 8000  # characters of path and query
PLAIN = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:/]|%[0-9A-Fa-f]{2})*\Z")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
BACKWARDS = frozenset({".", ".."})


def build(base: str, path: str, query: Mapping[str, str] | None = None) -> str:
    """The path below `base` (a path itself, '' or '/api') with its query encoded; raises `Refused`."""
    whole = base.rstrip("/") + _checked(path)
    if query:
        whole += "?" + urlencode({name: str(value) for name, value in query.items()})
    if len(whole) > LONGEST:
        raise Refused("this address is too long")
    return whole


def _checked(path: str) -> str:
    """The path if it is one: absolute, in plain characters, with no segment that leads back up when it is decoded."""
    if not path.startswith("/") or "//" in path or not PLAIN.match(path):
        raise Refused("this path is not allowed")
    opened = unquote(path)
    if CONTROL.search(opened) or "\ufffd" in opened:
        raise Refused("this path holds a sign that is not allowed")
    if not BACKWARDS.isdisjoint(re.split(r"[/\\]", opened)):
        raise Refused("this path leads back up")
    return path
