"""How is the conversations app wired into Django?"""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from conversations import customer_lines, held, realtime, uniting
        from conversations.models import Conversation, Message
        from customers import facts, merging, news, pages_said

        held.ready()
        merging.follow(uniting.after)
        merging.follow(lambda event: news.tell(*event.root_before, *event.root_after))
        news.follow(lambda customer_id: realtime.hint(f"person:{customer_id}"))
        pages_said.tell(customer_lines.page)
        facts.register("conversations", lambda ids: Conversation.objects.filter(customer_id__in=ids).count())
        facts.register("messages", lambda ids: Message.objects.filter(customer_id__in=ids).count())
