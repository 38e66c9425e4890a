"""Which roles does an installation begin with? Groups of Django's own; whoever runs it may change what they allow."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission

LOOK = ("customers.view_customer", "customers.view_consent", "conversations.view_message")
DESK = ("queue", "slapolicy", "tag", "disposition", "cannedreply", "macro")
# Agents suggest, supervisors merge, administrators override with a reason. A desk by itself lets an agent see, note
# and propose about the people in the conversations they see; the group opens the back office and the API besides.
AGENT = (*LOOK, "customers.add_matchsuggestion", "customers.add_consent", "conversations.view_article")
SUPERVISOR = (
    *AGENT,
    "customers.change_customer",
    "customers.merge_customer",
    "customers.undo_link",
    "customers.reveal_identity",
    "customers.view_identity",
    "customers.view_link",
    "customers.view_mergeevent",
    "conversations.view_conversation",
    # Supervisors write and publish what the bot answers, and see what it could not.
    *(f"conversations.{verb}_article" for verb in ("add", "change", "delete", "publish")),
    *(f"conversations.{verb}_miss" for verb in ("view", "change")),
    # And set up what their teams need at the desk.
    *(f"handover.{verb}_{name}" for verb in ("view", "add", "change") for name in DESK),
    "handover.view_rating",
)
# Who writes journeys; what is live is decided by whoever may publish.
AUTHOR = (
    *(f"conversations.{verb}_journey" for verb in ("view", "add", "change")),
    "conversations.view_journeyversion",
    "conversations.view_journeyrun",
    "conversations.view_steplog",
    *(f"conversations.{verb}_article" for verb in ("view", "add", "change")),
    *(f"conversations.{verb}_miss" for verb in ("view", "change")),
)
# All of identity: its rules, its definitions, its imports, where it comes from, and what the law asks of it.
ADMINISTRATOR = (
    *SUPERVISOR,
    *AUTHOR,
    "conversations.publish_journey",
    "customers.force_merge",
    "customers.erase_customer",
    "customers.export_customer",
    "customers.view_attribute",
    "customers.view_observation",
    "customers.view_conflict",
    "customers.view_distinct",
    "customers.view_challenge",
    "customers.view_erasure",
    "customers.view_auditentry",
    "conversations.view_question",
    "customers.view_identitypolicy",
    "customers.change_identitypolicy",
    "customers.view_mappingimport",
    "customers.run_import",
    *(f"customers.{verb}_attributedefinition" for verb in ("view", "add", "change", "delete")),
    *(f"handover.{verb}_contextlink" for verb in ("view", "add", "change", "delete")),
    *(f"channels_app.{verb}_channel" for verb in ("view", "add", "change", "delete")),
    *(f"channels_app.{verb}_widgetkey" for verb in ("view", "add", "change", "delete")),
    "channels_app.view_keyset",
    *(f"conversations.{verb}_connection" for verb in ("view", "add", "change", "delete")),
    "conversations.view_webrequest",
    *(f"handover.view_{name}" for name in ("reservation", "slaclock", "rating", "wrapup", "bulkaction", "enginemark")),
)
ROLES = {"Agents": AGENT, "Supervisors": SUPERVISOR, "Authors": AUTHOR, "Administrators": ADMINISTRATOR}


def seed() -> list[str]:
    """Makes the groups that are missing and returns their names; those that are there stay as somebody made them."""
    made = []
    for name, wanted in ROLES.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            group.permissions.set(_permissions(wanted))
            made.append(name)
    return made


def _permissions(names: tuple[str, ...]) -> list[Permission]:
    by_name = {
        f"{one.content_type.app_label}.{one.codename}": one for one in Permission.objects.select_related("content_type")
    }
    return [by_name[name] for name in names]
