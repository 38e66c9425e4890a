"""What if a broken queue rested for hours? A worker that rests so long: only another one in its place tries sooner."""

from __future__ import annotations


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from handover.routing import apart

    apart.REST = 3600.0
    call_command("work")


if __name__ == "__main__":
    main()
