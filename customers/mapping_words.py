"""What do the outcomes and reasons of an import mean, in words that people read?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from customers.models import MappingImport

State = MappingImport.State
OUTCOMES = {
    "create": ("new customer", "new customers"),
    "change": ("known customer gets something new", "known customers get something new"),
    "same": ("row says nothing new", "rows say nothing new"),
    "link": ("row would join customers", "rows would join customers"),
    "conflict": ("row is left for a person", "rows are left for a person"),
    "refused": ("row cannot be read", "rows cannot be read"),
}
SHORTLY = {
    "create": "new",
    "change": "changes",
    "same": "nothing new",
    "link": "joins",
    "conflict": "for a person",
    "refused": "refused",
}
REASONS = {
    "spreadsheet_number": "a spreadsheet lost digits of this number; format the column as text and export again",
    "no_country": "a number without + and country: kept, but it attracts no message",
    "role_address": "an address of a role such as info@: kept as a hint only",
    "extension": "a switchboard with an extension: kept as a hint only",
    "blocked_value": "a placeholder that identifies nobody; not read",
    "exclusive_clash": "two numbers or user ids of one system: that is two people",
    "proven_elsewhere": "its addresses are proven for two different customers",
    "distinct_pair": "somebody has said that these are two people",
    "cap_reached": "the customer has as many links or addresses as one may have",
    "erased": "this person was erased and has not written since",
    "over_limit": "more addresses of one kind than one person may have",
    "needs_confirmation": "it would join customers, and nobody confirmed that",
    "would_link": "it would join customers",
    "too_many_rows": "more than a thousand rows are about one person",
    "collision": "somebody else got the address while the import ran",
    "no_identifier": "no address in it",
    "too_many_cells": "more cells than the header has names: is a separator missing its quotation marks?",
    "too_long": "the cell is too long",
    "bad_date": "not a date such as 2026-05-03 or 2026-05-03T12:00+02:00",
    "letters": "letters in a phone number",
    "not_a_phone": "not a phone number",
    "other_country": "its country does not fit the prefix that was typed",
    "not_an_email": "not an e-mail address",
    "not_one_address": "not exactly one e-mail address",
    "not_an_id": "not a numeric id",
    "bad_characters": "signs that no identifier has, or more than 255 of them",
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows ended so."""

    rows: int
    words: str


def progress(work: MappingImport, is_asked: bool) -> str:
    """Where the import is, in one sentence."""
    done = f"{min(work.next_row - 1, work.rows):,} of {work.rows:,} rows"
    words = {
        State.UPLOADED: "Reading the whole file; the rows' order does not matter."
        if is_asked
        else "Say what the columns are.",
        State.CHECKED: f"{work.rows:,} rows were looked at. Nothing is changed yet.",
        State.CONFIRMED: f"{work.rows:,} rows are waiting for their turn.",
        State.RUNNING: f"{done}, {work.percent} %.",
        State.DONE: f"Done: {work.rows:,} rows.",
        State.FAILED: f"It failed: {work.reason}",
        State.CANCELLED: f"Cancelled after {done}; what was applied stays."
        if work.next_row > 1
        else "Cancelled; nothing was changed.",
    }
    return words[State(work.state)]


def tallies(counts: Mapping[str, int]) -> list[Tally]:
    """The rows by outcome, in the order in which people care."""
    return [Tally(counts[name], OUTCOMES[name][counts[name] != 1]) for name in OUTCOMES if counts.get(name)]


def written(counts: Mapping[str, int]) -> int:
    """How many rows would be written, as the check counted them; those that join customers need a word of their own."""
    return counts.get("create", 0) + counts.get("change", 0)


def explained(reasons: str) -> str:
    """Reasons (`tel: letters; exclusive_clash`) as sentences; what is no code stays as it is."""
    return "; ".join(_explained(one) for one in reasons.split("; "))


def _explained(reason: str) -> str:
    if reason.startswith("would link "):
        return f"it would join {reason.removeprefix('would link ')} customers"
    column, colon, code = reason.rpartition(": ")
    return f"{column}{colon}{REASONS.get(code, code)}"
