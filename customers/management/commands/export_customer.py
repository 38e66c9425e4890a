"""How is everything that is held of a person written to a file? `manage.py export_customer ID FILE [--with-notes]`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from customers import privacy_export
from customers.models import Customer
from customers.tombstones import Erased


class Command(BaseCommand):
    help = "Writes everything that is held of a customer, by any id they ever had, into a zip."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", type=UUID, help="the public id")
        parser.add_argument("file", type=Path, help="where the zip goes")
        parser.add_argument("--with-notes", action="store_true", help="the team's notes too; read them before")

    def handle(self, *args: Any, customer: UUID, file: Path, with_notes: bool, **options: Any) -> None:
        found = Customer.objects.select_related("root").filter(public_id=customer).first()
        if found is None:
            raise CommandError("There never was such a customer.")
        try:
            pack = privacy_export.export(customer=found, actor="system", with_notes=with_notes)
        except Erased as problem:
            raise CommandError(problem.title) from problem
        with pack, file.open("xb") as out:
            file.chmod(0o600)
            shutil.copyfileobj(pack, out)
        self.stdout.write(f"Written to {file}.")
