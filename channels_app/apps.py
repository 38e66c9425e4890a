"""How is the channels_app app wired into Django?"""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "channels_app"
    verbose_name = "Channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_app import (
            checks,
            doors,
            effects,
            held,
            leading,
            letters,
            mailboxes,
            registry,
            service_notices,
            templates,
        )
        from channels_app.gateway import pulse
        from channels_app.sandbox import starting
        from conversations import approved, couriers, leads

        registry.register_capabilities()
        registry.read_stored_events_by(mailboxes.stored_event)
        checks.register()
        held.ready()
        pulse.register()
        couriers.register(letters.ways)
        doors.ready()
        leads.register(leading.invited)
        approved.register(service_notices.carrying)
        effects.on_template_news(templates.take_news)
        starting.begin()
