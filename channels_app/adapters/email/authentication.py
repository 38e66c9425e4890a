"""Did the sender's domain vouch for this mail? Only our own receiving server's word counts (RFC 8601), and only DMARC.

Anybody can write an `Authentication-Results` header into a mail. Ours is the topmost, and it bears our server's name.
"""

from __future__ import annotations

import re
from typing import Literal

from channels_app.adapters.email.letters import Letter

Verdict = Literal["pass", "fail", "unknown"]
RESULT = re.compile(r"^\s*dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
DOMAIN = re.compile(r"\bheader\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
LONGEST = 4_000
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def verdict(letter: Letter, authserv_id: str) -> Verdict:
    """`pass`: the one sender in `From` is who sent it. `authserv_id`: our server's name; without it nobody can tell."""
    results = letter.raw_headers("Authentication-Results")
    if not authserv_id or not results:
        return "unknown"
    name, *methods = _plain(results[0][:LONGEST]).split(";")
    if (name.split() or [""])[0].lower() != authserv_id.lower():
        return "unknown"
    found = [method for method in methods if RESULT.match(method)]
    if len(found) != 1 or (said := RESULT.match(found[0])) is None:
        return "unknown"
    if said.group(1).lower() != "pass":
        return "fail" if said.group(1).lower() == "fail" else "unknown"
    return "pass" if _is_of_sender(letter, found[0]) else "unknown"


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
