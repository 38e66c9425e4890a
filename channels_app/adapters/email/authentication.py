"""Did the sender's domain vouch for this mail? Only our own receiving server's word counts (RFC 8601), and only DMARC.

Anybody can write an `Authentication-Results` header. Ours is the topmost of a mail, it bears our server's name, and it
stands above whatever another server has written: above the first `Received` that is not by us.
"""

from __future__ import annotations

import re
from typing import Literal

from channels_app.adapters.email.letters import Letter

Verdict = Literal["pass", "fail", "unknown"]
RESULT = re.compile(r"^\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
DOMAIN = re.compile(r"\bheader\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
BY = re.compile(r"\bby ([^\s;()]{1,250})", re.IGNORECASE)
LONGEST = 4_000
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def verdict(letter: Letter, authserv_id: str) -> Verdict:
    """`pass`: the one sender in `From` is who sent it. `authserv_id`: our server's name; without it nobody can tell."""
    said = _topmost(letter, authserv_id) if authserv_id else ""
    if not said:
        return "unknown"
    name, *methods = _plain(said[:LONGEST]).split(";")
    if (name.split() or [""])[0].lower() != authserv_id.lower():
        return "unknown"
    found = [method for method in methods if RESULT.match(method)]
    if len(found) != 1 or (result := RESULT.match(found[0])) is None:
        return "unknown"
    if result.group(1).lower() != "pass":
        return "fail" if result.group(1).lower() == "fail" else "unknown"
    return "pass" if _is_of_sender(letter, found[0]) else "unknown"


def _topmost(letter: Letter, authserv_id: str) -> str:
    """The first result, unless a server that is not ours has had its hands on the mail above it."""
    for name, value in letter.lines():
        if name == "authentication-results":
            return value
        if name == "received" and not _is_ours(value, authserv_id.lower()):
            return ""
    return ""


def _is_ours(received: str, authserv_id: str) -> bool:
    """Was this line written by our server, by another one of its domain, or inside of one (it names no origin)?"""
    found = BY.search(received[:LONGEST])
    host = found.group(1).lower().rstrip(".") if found else ""
    domain = authserv_id.partition(".")[2]
    is_near = "." in domain and host.endswith(f".{domain}")
    return host == authserv_id or is_near or received[:3].lower() == "by "


def _is_of_sender(letter: Letter, method: str) -> bool:
    """One `From` with one address, and the verdict is about its domain."""
    if len(letter.raw_headers("From")) != 1 or len(letter.senders) != 1:
        return False
    domain = letter.sender[1].rpartition("@")[2].lower()
    about = DOMAIN.search(method)
    return about is not None and about.group(1).lower().rstrip(".") == domain


def _plain(value: str) -> str:
    """Without quoted strings and (nested) comments: only there could somebody else's words stand."""
    said, depth = "", 0
    for character in QUOTED.sub('""', value):
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(depth - 1, 0)
        elif not depth:
            said += character
    return said
