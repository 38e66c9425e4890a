"""When did the pretended providers last hear from the demo's customers? Theirs are the windows that answers need."""

from __future__ import annotations

from channels_app.sandbox.models import SandboxContact
from config.demo import channels
from conversations.models import Session
from customers.models import Identity

ADDRESSES = ("phone", "wa_bsuid", "messenger_user")  # namespaces by which a provider with a window knows somebody


def seed() -> None:
    """What the past that was just written says of each one's last word."""
    sessions = Session.objects.filter(channel__in=channels.KEYS, last_inbound_at__isnull=False)
    for session in sessions.filter(messages__external_id__startswith="demo.").order_by("last_inbound_at").distinct():
        ways = Identity.objects.filter(pk__in=[session.identity_id, *session.proven], namespace__in=ADDRESSES)
        for way in ways:
            SandboxContact.objects.update_or_create(
                channel=session.channel,
                address=way.raw.lstrip("+"),
                defaults={"last_inbound_at": session.last_inbound_at},
            )
