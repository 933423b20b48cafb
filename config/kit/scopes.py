"""Lets a request in where its token has the scope that the endpoint names."""

from typing import Any

from rest_framework import exceptions, permissions
from rest_framework.request import Request

SAFE = ("GET", "HEAD", "OPTIONS")


class Scoped(permissions.BasePermission):
    """By the token's scopes; what the role allows is the verb's to say."""

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = getattr(request._request, "actor", None)
        if actor is None:
            raise exceptions.NotAuthenticated("Send a token: `Authorization: Bearer sr_live_…`.")
        needed = f"{view.resource}:{'read' if request.method in SAFE else 'write'}"
        if view.resource and not actor.has_scope(needed):
            raise exceptions.PermissionDenied(f"This token lacks the scope {needed}.")
        return True
