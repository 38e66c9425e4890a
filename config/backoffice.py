"""What does the back office look like: its name, its colours, the links of its side bar?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

Item = dict[str, Any]


def rows_of(model: str, title: str, icon: str) -> Item:
    """A link to a list, for those who may view it; `model` is `app.name`."""
    app, name = model.split(".")

    def may_view(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}") or request.user.has_perm(f"{app}.change_{name}")

    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{name}_changelist"),
        "permission": may_view,
    }


def page_of(name: str, title: str, icon: str, needed: str = "customers.view_customer") -> Item:
    """A link to a page of the back office's own, for those who have the permission."""

    def may_view(request: HttpRequest) -> bool:
        return request.user.has_perm(needed)

    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}"), "permission": may_view}


def screen(path: str, title: str, icon: str, shown: Callable[[HttpRequest], bool]) -> Item:
    """A link to another part of Throughline."""
    return {"title": title, "icon": icon, "link": path, "permission": shown, "active": False}


def has_desk(request: HttpRequest) -> bool:
    return hasattr(request.user, "agent")


def in_sandbox(request: HttpRequest) -> bool:
    return bool(settings.SANDBOX and request.user.is_superuser)


GROUPS = (
    (
        "",
        screen("/inbox/", "Inbox", "inbox", lambda request: has_desk(request) or request.user.is_superuser),
        screen("/sandbox/", "Sandbox", "science", in_sandbox),
        screen("/admin/verify-switching/", "Verify channel switching", "sync_alt", in_sandbox),
    ),
    (
        "Customers",
        rows_of("customers.customer", "Customers", "person"),
        rows_of("customers.identity", "Identities", "contact_phone"),
        rows_of("customers.attributedefinition", "Attributes", "label"),
        {**page_of("suggestions", "Suggestions", "join"), "badge": "customers.pages_suggestions.badge"},
        {**page_of("conflicts", "Conflicts", "call_split"), "badge": "customers.pages_conflicts.badge"},
        rows_of("customers.link", "Links", "link"),
        rows_of("customers.mappingimport", "Imports", "upload_file"),
        page_of("identity-policy", "Identity policy", "tune", "customers.view_identitypolicy"),
    ),
    (
        "Conversations",
        rows_of("conversations.conversation", "Conversations", "forum"),
        rows_of("conversations.message", "Messages", "chat"),
        rows_of("conversations.delivery", "Deliveries", "send"),
    ),
    (
        "Journeys",
        rows_of("conversations.journey", "Journeys", "route"),
        rows_of("conversations.journeyrun", "Runs", "directions_walk"),
        rows_of("conversations.connection", "Connections", "cable"),
    ),
    (
        "Answers",
        rows_of("conversations.article", "Articles", "menu_book"),
        page_of("article-try", "Try a question", "quiz", "conversations.view_article"),
        {
            **page_of("article-backlog", "Unanswered questions", "help", "conversations.view_miss"),
            "badge": "conversations.answers.pages.badge",
        },
    ),
    (
        "Team",
        rows_of("handover.agent", "Agents", "support_agent"),
        rows_of("handover.queue", "Queues", "groups"),
        rows_of("handover.skill", "Skills", "star"),
        rows_of("handover.businesshours", "Business hours", "schedule"),
        rows_of("handover.slapolicy", "SLA policies", "timer"),
        rows_of("handover.referrerrule", "Referrer rules", "alt_route"),
        rows_of("handover.tag", "Topics", "sell"),
        rows_of("handover.disposition", "Dispositions", "task_alt"),
        rows_of("handover.cannedreply", "Canned replies", "quick_phrases"),
        rows_of("handover.macro", "Macros", "bolt"),
        rows_of("handover.savedview", "Saved views", "bookmark"),
        rows_of("handover.contextlink", "Context links", "open_in_new"),
        rows_of("auth.user", "Users", "manage_accounts"),
        rows_of("auth.group", "Groups", "shield_person"),
    ),
    (
        "Channels",
        {**rows_of("channels_app.channel", "Channels", "hub"), "badge": "channels_app.condition.badge"},
        rows_of("channels_app.messagetemplate", "Message templates", "article"),
        rows_of("channels_app.widgetkey", "Widget keys", "key"),
        rows_of("channels_app.visit", "Widget visits", "language"),
        rows_of("channels_app.inboundevent", "Inbound events", "move_to_inbox"),
    ),
    (
        "Ledgers",
        {**rows_of("customers.auditentry", "Audit trail", "policy"), "badge": "handover.reads.badge"},
        rows_of("conversations.conversationevent", "Conversation events", "timeline"),
        rows_of("customers.observation", "Observations", "visibility"),
        rows_of("customers.mergeevent", "Merges and splits", "merge"),
        rows_of("customers.consent", "Consent", "handshake"),
        rows_of("customers.conflict", "All conflicts", "call_split"),
        rows_of("customers.challenge", "Codes and links", "pin"),
        rows_of("channels_app.attempt", "Delivery attempts", "outbox"),
        rows_of("conversations.timer", "Timers", "timer"),
        rows_of("handover.reservation", "Offers", "swap_horiz"),
        rows_of("handover.slaclock", "Promises", "hourglass"),
        rows_of("handover.rating", "Ratings", "star_rate"),
        rows_of("handover.wrapup", "Wrap-ups", "inventory"),
        rows_of("handover.bulkaction", "Bulk actions", "checklist"),
        rows_of("conversations.question", "Calls of the language model", "neurology"),
    ),
)

# The teal of the other screens, as Unfold's scale; 600 is a button's background, 500 a link on a dark page.
TEAL = {
    "50": "#effaf8", "100": "#e0f1ee", "200": "#bfe5de", "300": "#8fd3c8", "400": "#5cc9bb", "500": "#2ba394",
    "600": "#0b6b60", "700": "#08564d", "800": "#08453e", "900": "#073a34", "950": "#03211e",
}  # fmt: skip

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Throughline",
    "SITE_HEADER": "Throughline",
    "SITE_SUBHEADER": "Back office",
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("img/mark.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": TEAL},
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [{"title": title, "separator": True, "items": items} for title, *items in GROUPS],
    },
}
