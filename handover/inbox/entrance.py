"""How does an agent come in and go out? Both change the session key, so that a known one is worth nothing."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView

from handover.inbox.forms import DeskLoginForm


class Login(LoginView):
    """User name and password; Django rotates the session and refuses foreign `next` addresses."""

    template_name = "registration/login.html"
    authentication_form = DeskLoginForm
    next_page = "inbox:start"


class Logout(LogoutView):
    """By POST only; the session row goes, and with it every open socket of the session."""

    next_page = "inbox:login"
