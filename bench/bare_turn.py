"""What is the least that a turn can cost? Bare statements and a bare request, no business logic: the turn's baseline.

One transaction a turn: dedup key, the message, an update, the replies; then each reply posted over one connection.
Prints the CPU ms of this process and of its database backend, a turn.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time

import psycopg

from bench.rig import seconds

TABLES = """
CREATE TABLE bare_person (id bigserial PRIMARY KEY, number text UNIQUE, heard_at timestamptz);
CREATE TABLE bare_key (key text PRIMARY KEY);
CREATE TABLE bare_message (id bigserial PRIMARY KEY, person_id bigint REFERENCES bare_person, body text, sent_as text);
"""
REPLIES = (2, 1, 1, 2)  # as the demo journey answers


def main(people: int, port: int) -> None:
    link = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=0)
    for statement in TABLES.strip().split("\n"):
        link.execute(statement)
    provider = http.client.HTTPConnection("127.0.0.1", port)
    before = time.process_time() + seconds([link.info.backend_pid])
    for turn, replies in enumerate(REPLIES):
        for person in range(people):
            _turn(link, provider, f"{turn}-{person}", str(person), replies)
    taken = time.process_time() + seconds([link.info.backend_pid]) - before
    print(json.dumps({"cpu_ms": taken / (people * len(REPLIES)) * 1000}))


def _turn(link: psycopg.Connection, provider: http.client.HTTPConnection, key: str, number: str, replies: int) -> None:
    with link.transaction():
        link.execute("INSERT INTO bare_key VALUES (%s) ON CONFLICT DO NOTHING", [key])
        person = link.execute(
            "INSERT INTO bare_person (number, heard_at) VALUES (%s, now()) ON CONFLICT (number)"
            " DO UPDATE SET heard_at = now() RETURNING id",
            [number],
        ).fetchone()
        said = [f"said {n}" for n in range(replies + 1)]
        rows = link.execute(
            "INSERT INTO bare_message (person_id, body) SELECT %s, unnest(%s::text[]) RETURNING id", [*person, said]
        ).fetchall()
    for (pk,) in rows[1:]:
        body = {"messaging_product": "whatsapp", "to": number, "type": "text", "text": {"body": "said"}}
        provider.request("POST", "/v25.0/1/messages", json.dumps(body), {"content-type": "application/json"})
        wamid = json.loads(provider.getresponse().read())["messages"][0]["id"]
        link.execute("UPDATE bare_message SET sent_as = %s WHERE id = %s", [wamid, pk])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
