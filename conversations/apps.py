"""How is the conversations app wired into Django?"""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from conversations import answering, customer_lines, held, realtime, recall, uniting
        from conversations.answers import forgetting
        from conversations.journeys import requests
        from conversations.models import Conversation, Message, Session
        from conversations.words import names
        from customers import facts, merging, news, pages_said, recycling

        held.ready()
        names.ready()
        answering.register()
        recall.ready()
        requests.ready()
        merging.follow(uniting.after)
        merging.follow(lambda event: news.tell(*event.root_before, *event.root_after))
        news.follow(lambda customer_id: realtime.hint(f"person:{customer_id}"))
        pages_said.tell(customer_lines.page)
        heard = Session.objects.filter(last_inbound_at__isnull=False)
        times = heard.values_list("last_inbound_at", flat=True).order_by("-last_inbound_at")
        recycling.heard_by(lambda row: times.filter(identity_id=row.head_id).first())
        forgetting.ready()
        facts.tell_journey(recall.journey_of)
        facts.register("conversations", lambda ids: Conversation.objects.filter(customer_id__in=ids).count())
        written = Message.objects.filter(author=Message.Author.CUSTOMER)
        facts.tell_written(lambda ids: written.filter(customer_id__in=ids).count())
        facts.register("messages", lambda ids: Message.objects.filter(customer_id__in=ids).count())
