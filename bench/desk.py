"""On what desk are the inbox and its search measured? A hundred thousand conversations, and what was said in them.

Conversations 1 to `rows` are those of the customers of `bench.population`; of ten, one waits in a queue, one is an
agent's, one the bot's, and seven are closed. Messages go round: number n belongs to conversation n modulo `rows`.
"""

from __future__ import annotations

import random
import sys
from typing import Any

QUEUES, AGENTS = 25, 200
WORDS = 50_000  # of the vocabulary; the commonest stands in a quarter of the messages
SHARES = """
UPDATE conversations_conversation SET
    state = CASE WHEN id %% 10 < 3 THEN 'open' ELSE 'closed' END,
    closed_at = CASE WHEN id %% 10 < 3 THEN NULL ELSE now() - id * interval '1 minute' END,
    close_reason = CASE WHEN id %% 10 < 3 THEN '' ELSE 'resolved' END,
    owner_kind = CASE id %% 10 WHEN 0 THEN 'queue' WHEN 1 THEN 'agent' ELSE 'bot' END,
    owner_id = CASE id %% 10 WHEN 0 THEN 1 + (id / 10) %% %(queues)s WHEN 1 THEN 1 + (id / 10) %% %(agents)s END,
    queue_id = CASE WHEN id %% 10 = 2 THEN NULL ELSE 1 + (id / 10) %% %(queues)s END,
    queued_at = CASE WHEN id %% 10 < 2 THEN now() - id * interval '1 second' END,
    ranked_at = CASE WHEN id %% 10 < 2 THEN now() - id * interval '1 second' END,
    waiting_on = CASE WHEN id %% 3 = 0 THEN 'us' ELSE 'customer' END,
    head_seq = %(messages)s / %(rows)s, last_message_at = now() - ((id * 7919) %% %(rows)s) * interval '1 second'
"""
SAID = "generate_series(1, %(messages)s) AS n"
SPOKEN = {
    "conversations.Message": {
        "id": "n",
        "customer_id": "1 + (n - 1) % {rows}",
        "session_id": "1 + (n - 1) % {rows}",
        "author": "CASE WHEN (n / {rows}) % 2 = 0 THEN 'customer' ELSE 'agent' END",
        "content": "'sealed'",
        "occurred_at": "now() - ({messages} - n) * interval '1 second'",
        "recorded_at": "now() - ({messages} - n) * interval '1 second'",
    },
    "conversations.ConversationEvent": {
        "id": "n",
        "conversation_id": "1 + (n - 1) % {rows}",
        "customer_id": "1 + (n - 1) % {rows}",
        "session_id": "1 + (n - 1) % {rows}",
        "seq": "1 + (n - 1) / {rows}",
        "session_seq": "1 + (n - 1) / {rows}",
        "kind": "'message'",
        "message_id": "n",
        "actor_kind": "CASE WHEN (n / {rows}) % 2 = 0 THEN 'customer' ELSE 'agent' END",
        "occurred_at": "now() - ({messages} - n) * interval '1 second'",
        "recorded_at": "now() - ({messages} - n) * interval '1 second'",
    },
}
# Ten words each, and every tenth message names a number of its own.
VOCABULARY = """
INSERT INTO conversations_searchwords (kind, object_id, conversation_id, customer_id, said_at, words)
SELECT 'm', n, 1 + (n - 1) %% %(rows)s, 1 + (n - 1) %% %(rows)s, now() - (%(messages)s - n) * interval '1 second',
    array_to_tsvector(
        ARRAY['~b' || (n >> %(block)s)]
        || CASE WHEN n %% 10 = 0 THEN ARRAY['order' || n] ELSE ARRAY[]::text[] END
        || ARRAY(SELECT 'w' || floor(%(words)s * power(random(), 3))::int FROM generate_series(1, 10) WHERE n > 0)
    ) FROM generate_series(1, %(messages)s) AS n
"""
# A first name, of which the commonest has two in a hundred, and a last name that ten share.
NAMED = """
INSERT INTO conversations_searchwords (kind, object_id, conversation_id, customer_id, said_at, words)
SELECT 'p', n, 0, n, now(), array_to_tsvector(ARRAY[
    '@v' || (2000 * power(((n * 7919) %% 10007) / 10007.0, 2))::int, '@s' || n %% (%(rows)s / 10)
]) FROM generate_series(1, %(rows)s) AS n
"""
DONE = """
INSERT INTO conversations_searchprogress
VALUES ('m', %(messages)s, 0, %(messages)s, 0), ('n', 0, 0, 0, 0), ('p', %(rows)s, 0, %(rows)s, 0)
"""


def load(rows: int, messages: int) -> None:
    """Teams, conversations, and `messages` in them with their events and words."""
    from django.db import connection

    from bench import population
    from conversations.words import gathering

    population.load(rows)
    values = {"rows": rows, "messages": messages, "queues": QUEUES, "agents": AGENTS, "words": WORDS}
    values |= {"block": gathering.BLOCK}
    _teams()
    with connection.cursor() as cursor:
        names = [*SPOKEN, "conversations.Conversation", "conversations.SearchWords"]
        with population.bare(cursor, names[:-1]):
            cursor.execute(SHARES, values)
            for name, columns in SPOKEN.items():
                given = {column: text.format(**values) for column, text in columns.items()}
                cursor.execute(population.insert(name, SAID, {name: given}), values)
        cursor.execute("DROP INDEX searchwords_words")
        cursor.execute(VOCABULARY, values)
        cursor.execute(NAMED, values)
        cursor.execute(DONE, values)
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("CREATE INDEX searchwords_words ON conversations_searchwords USING gin (words)")
        cursor.execute("VACUUM ANALYZE conversations_searchwords")


def _teams() -> None:
    from django.contrib.auth.models import User

    from handover.models import Agent, Membership, Queue

    Queue.objects.bulk_create([Queue(pk=n, key=f"team-{n}", title=f"Team {n}") for n in range(1, QUEUES + 1)])
    users = [User(pk=n, username=f"agent-{n}", is_superuser=n == AGENTS) for n in range(1, AGENTS + 1)]
    User.objects.bulk_create(users)
    Agent.objects.bulk_create([Agent(pk=user.pk, user=user, name=f"Agent {user.pk}") for user in users])
    places = [(agent.pk, 1 + (agent.pk + step) % QUEUES) for agent in users for step in range(3)]
    Membership.objects.bulk_create([Membership(agent_id=agent, queue_id=queue) for agent, queue in places])


def unseal(message_ids: Any) -> None:
    """Gives these messages the words that the search knows of them, sealed as the product does, and names."""
    from django.db import connection

    from conversations.content import Text
    from conversations.models import Message, SearchWords
    from customers.models import Observation

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # what was observed may not be changed
    known = SearchWords.objects.filter(kind="m", object_id__in=message_ids)
    bags = dict(known.values_list("object_id", "words"))
    for message in Message.objects.filter(pk__in=message_ids, content__isnull=False):
        said = " ".join(part.strip("'") for part in bags.get(message.pk, "").split() if "~" not in part)
        message.content = Text(said).to_json()
        message.save(update_fields=["content"])
        for observation in Observation.objects.filter(customer_id=message.customer_id, value__isnull=True):
            observation.value = f"Person {observation.customer_id}"
            observation.save(update_fields=["value"])
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")


def searches(many: int, messages: int) -> list[str]:
    """What people look for: a rare or a common word, two or three at once, a beginning, a number, nothing; a common
    beginning of a name, a first and a last name."""
    dice = random.Random(11)

    def word() -> str:
        return f"w{int(WORDS * dice.random() ** 3)}"

    kinds = (
        lambda: f"{word()} ",
        lambda: f"{word()} {word()} ",
        lambda: f"w{dice.randrange(3)} {word()} ",
        lambda: f"w0 w1 w{dice.randrange(2, 20)} ",
        lambda: f"w{dice.randrange(3)} ",
        lambda: f"w{dice.randrange(100, 5000)}",
        lambda: f"order{10 * dice.randrange(1, messages // 10)}",
        lambda: f"{word()} nowhere{dice.randrange(10**6)} ",
        lambda: f"v{dice.randrange(1, 10)}",
        lambda: f"v{dice.randrange(10)} s{dice.randrange(10, 100)}",
    )
    return [kinds[number % len(kinds)]() for number in range(many)]


if __name__ == "__main__":
    import django

    django.setup()
    load(*map(int, sys.argv[1:]))
