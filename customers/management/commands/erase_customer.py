"""How is a person erased from the command line? `manage.py erase_customer ID --reason "..." [--whole-cluster]`."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers import privacy_erasing, privacy_receipt
from customers.models import Customer
from customers.privacy import Linked


class Command(BaseCommand):
    help = "Erases a customer, by any id they ever had, and prints the receipt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", type=UUID, help="the public id")
        parser.add_argument("--reason", required=True, help="why; it names nobody")
        parser.add_argument("--whole-cluster", action="store_true", help="all who are joined are this person")

    def handle(self, *args: Any, customer: UUID, reason: str, whole_cluster: bool, **options: Any) -> None:
        found = Customer.objects.filter(public_id=customer).first()
        if found is None:
            raise CommandError("There never was such a customer.")
        try:
            made = privacy_erasing.erase(
                customer=found,
                actor="system",
                reason=reason,
                request_id=f"command:{customer}",
                whole_cluster=whole_cluster,
            )
        except Linked as problem:
            lines = [f"  {link['left']} is {link['right']} ({link['rule']})" for link in problem.extra["links"]]
            raise CommandError("\n".join([problem.title, *lines])) from problem
        while not privacy_erasing.go_on(made.pk):
            self.stderr.write("Still erasing.")
        made.refresh_from_db()
        self.stdout.write(json.dumps(privacy_receipt.of(made), indent=1))
