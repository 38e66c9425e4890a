"""Which address of the inbox answers whom, and how? One row for each; `test_inbox_access` reads the URLconf."""

from __future__ import annotations

from typing import NamedTuple

ROLES = ("foreigner", "agent", "supervisor", "admin")


class Row(NamedTuple):
    """`path` below /inbox/ with `{c}` for a conversation of sales and `{x}` for an id that nobody has.

    `statuses`: an agent of another queue, an agent of the conversation's, its supervisor, an administrator with a desk.
    """

    method: str
    path: str
    statuses: tuple[int, int, int, int]
    form: dict[str, str] | None = None


OPEN, HIDDEN, NONE = (200, 200, 200, 200), (404, 200, 200, 200), (404, 404, 404, 404)
BAD = (404, 400, 400, 400)  # whoever may see it is told that the form says nothing
NOT_NOW = (404, 409, 409, 409)
SAYS_NOTHING, GOES_ON = (400, 400, 400, 400), (302, 302, 302, 302)

# What those get who have no desk: nobody, a customer with a token of the widget, a deactivated account, a deactivated
# desk. Elsewhere 401, 401, 401 and 403.
STRANGERS = {
    "login": OPEN,
    "logout": GOES_ON,
    **dict.fromkeys(("styleguide", "styleguide-colours", "styleguide-theme"), (302, 302, 302, 404)),
}

MATRIX = {
    "start": Row("GET", "", GOES_ON),
    "login": Row("GET", "login", OPEN),
    "logout": Row("POST", "logout", GOES_ON),
    "token": Row("GET", "token", OPEN),
    "counts": Row("GET", "counts", OPEN),
    "view-create": Row("POST", "views/new", GOES_ON),
    "view-change": Row("POST", "views/{x}", NONE),
    "view-remove": Row("POST", "views/{x}/delete", NONE),
    "bulk": Row("POST", "bulk", SAYS_NOTHING),
    "bulk-targets": Row("GET", "bulk/targets", OPEN),
    "bulk-standing": Row("GET", "bulk/{x}", NONE),
    "bulk-undo": Row("POST", "bulk/{x}/undo", NONE),
    "palette": Row("GET", "palette?q=ana", OPEN),
    "status": Row("POST", "status", SAYS_NOTHING),
    "keys": Row("POST", "keys", OPEN),
    "heartbeat": Row("POST", "heartbeat", (204, 204, 204, 204)),
    "conversation": Row("GET", "c/{c}/", HIDDEN),
    "older": Row("GET", "c/{c}/older", HIDDEN),
    "events": Row("GET", "c/{c}/events", HIDDEN),
    "reply": Row("POST", "c/{c}/reply", BAD),
    "note": Row("POST", "c/{c}/note", BAD),
    "claim": Row("POST", "c/{c}/claim", NOT_NOW, {"seen_epoch": "99"}),
    "release": Row("POST", "c/{c}/release", (404, 409, 200, 200)),
    "close": Row("POST", "c/{c}/close", BAD, {"seen_seq": "x"}),
    "upload": Row("POST", "c/{c}/files", (404, 201, 201, 201)),
    "job": Row("POST", "c/{c}/jobs/{x}/cancel", NONE),
    "person-look": Row("GET", "c/{c}/person/look", HIDDEN),
    "context": Row("GET", "c/{c}/context/{x}", (404, 403, 403, 404)),
    "person-reveal": Row("POST", "c/{c}/person/reveal", (404, 403, 403, 200)),
    "person-fact": Row("POST", "c/{c}/person/fact", BAD),
    "person-consent": Row("POST", "c/{c}/person/consent", BAD),
    "person-propose": Row("POST", "c/{c}/person/propose", BAD),
    "person-settle": Row("POST", "c/{c}/person/conflicts/{x}", BAD),
    "person-undo": Row("POST", "c/{c}/person/links/{x}/undo", (404, 403, 403, 404)),
    "person-accept": Row("POST", "c/{c}/person/matches/{x}/accept", (404, 403, 403, 404)),
    "person-reject": Row("POST", "c/{c}/person/matches/{x}/reject", (404, 403, 403, 404)),
    "person-snooze": Row("POST", "c/{c}/person/matches/{x}/snooze", NONE),
    "file": Row("GET", "files/{f}", NONE),
    "thumb": Row("GET", "files/{f}/small", NONE),
    "file-again": Row("POST", "files/{f}/again", HIDDEN),
    "marks": Row("GET", "marks", OPEN),
    "next": Row("GET", "next", OPEN),
    "draft": Row("GET", "c/{c}/draft", HIDDEN),
    "ready": Row("GET", "c/{c}/ready", HIDDEN),
    "colleagues": Row("GET", "c/{c}/colleagues", HIDDEN),
    "mentions-seen": Row("POST", "c/{c}/mentions", HIDDEN),
    "macros": Row("GET", "c/{c}/macros", HIDDEN),
    "macro": Row("GET", "c/{c}/macros/{m}", HIDDEN),
    "ready-words": Row("GET", "ready-words/", OPEN),
    "ready-new": Row("GET", "ready-words/replies/new", OPEN),
    "ready-edit": Row("GET", "ready-words/replies/{w}", (404, 404, 200, 200)),
    "ready-remove": Row("POST", "ready-words/replies/{w}/remove", (404, 404, 302, 404)),
    "settings": Row("POST", "settings", SAYS_NOTHING),
    "styleguide": Row("GET", "styleguide/", NONE),
    "styleguide-colours": Row("GET", "styleguide/colours.css", NONE),
    "styleguide-theme": Row("GET", "styleguide/dark/", NONE),
    "offers": Row("GET", "offers", OPEN),
    "offers-back": Row("POST", "offers/back", OPEN),
    "offer-accept": Row("POST", "offers/{o}/accept", (404, 200, 404, 404)),
    "offer-decline": Row("POST", "offers/{o}/decline", (404, 200, 404, 404)),
    "dialog": Row("GET", "c/{c}/ask/assign", HIDDEN),
    "assign": Row("POST", "c/{c}/assign", BAD),
    "escalate": Row("POST", "c/{c}/escalate", BAD),
    "park": Row("POST", "c/{c}/park", BAD),
    "unpark": Row("POST", "c/{c}/unpark", NOT_NOW),
    "reopen": Row("POST", "c/{c}/reopen", NOT_NOW),
    "barge-in": Row("POST", "c/{c}/barge-in", (404, 403, 409, 409)),
    "block": Row("POST", "c/{c}/block", BAD),
    "person-unblock": Row("POST", "c/{c}/person/unblock", (404, 403, 403, 200)),
    "topics": Row("POST", "c/{c}/topics", BAD, {"tags": "none"}),
    "wrap-up": Row("POST", "c/{c}/wrap-up", NOT_NOW),
    "board": Row("GET", "board/", (403, 403, 200, 200)),
    "board-ratings": Row("GET", "board/ratings.csv", (403, 403, 200, 200)),
    "board-agent": Row("GET", "board/agents/{a}/", (403, 403, 200, 200)),
    "board-drain": Row("POST", "board/agents/{a}/drain", (403, 403, 400, 400)),
    "board-status": Row("POST", "board/agents/{a}/status", (403, 403, 400, 400)),
    "board-watch": Row("GET", "board/watch/{c}/", (403, 403, 302, 302)),
    "view": Row("GET", "queue-sales/", HIDDEN),
    "delivery-retry": Row("POST", "messages/{d}/retry/", NOT_NOW),
    "inbox-ways": Row("GET", "c/{c}/ways", HIDDEN),
    "inbox-templates": Row("GET", "c/{c}/templates", HIDDEN),
}
