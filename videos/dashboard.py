"""Pages of the operators' admin that show no single model: the overview, the providers."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from videos import operations

RIGHT = "videos.view_stagerun"


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK. Who may see no runs sees no overview of them."""
    if request.user.has_perm(RIGHT):
        context["overview"] = operations.overview()
    return {**context, "title": "Overview"}


def providers(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    shown = {"title": "Providers", "rows": operations.provider_rows()}
    return render(request, "admin/providers.html", admin.site.each_context(request) | shown)
