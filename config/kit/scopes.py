"""Lets a request in where its token has the scope that the endpoint names."""

from typing import Any

from rest_framework import exceptions, permissions
from rest_framework.request import Request

SAFE = ("GET", "HEAD", "OPTIONS")
_REFUSALS = {
    "may_edit": "Your role in this team is to view: ask an owner to let you edit.",
    "may_comment": "You may not comment in this team: ask an owner to let you.",
    "may_admin": "Only an owner or an admin of this team may do this.",
    "may_set_budgets": "Only an owner or an admin of this team who sees costs sets budgets.",
    "may_approve": "You may not approve in this team: ask an owner.",
}


class Scoped(permissions.BasePermission):
    """By the token's scopes, and by the right that the endpoint names.

    Verbs ask again: here it is only so that a viewer is told before the body is read.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = getattr(request._request, "actor", None)
        if actor is None:
            raise exceptions.NotAuthenticated("Send a token: `Authorization: Bearer sr_live_…`.")
        needed = f"{view.resource}:{'read' if request.method in SAFE else 'write'}"
        if view.resource and not actor.has_scope(needed):
            raise exceptions.PermissionDenied(f"This token lacks the scope {needed}.")
        if request.method not in SAFE and view.right and not getattr(actor, view.right):
            raise exceptions.PermissionDenied(_REFUSALS[view.right])
        return True
