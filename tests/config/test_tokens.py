"""Does a member of staff get a token that the API takes, and nobody else one?"""

from __future__ import annotations

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db


def tokens(client: Client, password: str) -> dict[str, str]:
    User.objects.create_user("ada", password="a long password")
    body = {"username": "ada", "password": password}
    return dict(client.post("/api/v1/token/", body, "application/json").json())


def test_the_right_password_gets_a_short_token_for_staff(client: Client) -> None:
    access = tokens(client, "a long password")["access"]
    claims = jwt.decode(access, settings.SECRETS["STAFF_JWT_KEY"], ["HS256"], audience="throughline-staff")
    assert claims["exp"] - claims["iat"] == 15 * 60


def test_a_token_is_renewed(client: Client) -> None:
    refresh = tokens(client, "a long password")["refresh"]
    assert "access" in client.post("/api/v1/token/refresh/", {"refresh": refresh}, "application/json").json()


def test_the_wrong_password_gets_none(client: Client) -> None:
    assert "access" not in tokens(client, "a wrong password")


def test_a_token_is_not_signed_with_the_key_of_sessions() -> None:
    assert settings.SECRETS["STAFF_JWT_KEY"] != settings.SECRET_KEY
