"""Who opens the back office? A superuser who keeps the pages short, and staff with less."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


@pytest.fixture
def boss(db: None) -> Client:
    """A browser in which a superuser is logged in."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def clerk(db: None) -> User:
    """Staff without a single permission."""
    return User.objects.create_user("clerk", is_staff=True)


@pytest.fixture
def clerks(clerk: User) -> Client:
    """A browser in which the clerk is logged in."""
    client = Client()
    client.force_login(clerk)
    return client


def permit(user: User, *names: str) -> None:
    """Gives permissions by `codename`."""
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
