"""How does an agent come in and go out? Both change the session key, so that a known one is worth nothing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.template.response import SimpleTemplateResponse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from handover.inbox import access, shell
from handover.inbox.forms import DeskLoginForm
from handover.models import Agent


class Login(LoginView):
    """User name and password; Django rotates the session and refuses foreign `next` addresses."""

    template_name = "registration/login.html"
    authentication_form = DeskLoginForm
    next_page = "inbox:start"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In the browser's language: nobody is known yet."""
        with override(access.language_asked(request)):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response


class Logout(LogoutView):
    """By POST only; the session row goes, and with it every open socket of the session."""

    next_page = "inbox:login"


@require_safe
@access.for_agents
def token(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The token of now, for a page that was open across a login, and whose it is: only the page of the same agent may
    go on with it. Another site can ask for it, and read nothing."""
    return JsonResponse({"csrf": get_token(request), "me": shell.me(agent), "name": agent.name})
