"""How is the handover app wired into Django? Its timers and the names that a journey may use are registered."""

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "handover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from conversations.answers import articles
        from conversations.journeys import inflight, publishing
        from handover import (
            coming_back,
            deadlines,
            following,
            held,
            jobs,
            noted,
            passed_on,
            results,
            unread,
        )
        from handover.routing import offers, places
        from handover.timing import effects

        deadlines.register()
        effects.register()
        offers.register()
        unread.register()
        results.register()
        jobs.register()
        held.ready()
        noted.ready()
        coming_back.ready()
        passed_on.ready()
        publishing.know("queues", places.queue_keys)
        publishing.know("skills", places.skill_keys)
        articles.know_skills(places.skill_keys)
        publishing.know("intakes", places.queues_with_intake)
        inflight.carried_by(following.carry)
