"""How does a member of staff get an API token? A password for a short one and a longer one, at a limited rate."""

from __future__ import annotations

from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from config.throttling import Scoped


class TokenView(TokenObtainPairView):
    """Username and password -> `access` (15 min) and `refresh` (12 h)."""

    throttle_classes = [Scoped]
    throttle_scope = "token"


class TokenRenewal(TokenRefreshView):
    """`refresh` -> a new `access`."""

    throttle_classes = [Scoped]
    throttle_scope = "token"
