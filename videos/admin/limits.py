from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from config.kit.admin import ThroughVerbs
from videos import limits
from videos.models import ProviderLimit


@admin.register(ProviderLimit)
class ProviderLimitAdmin(ThroughVerbs):
    """How much a provider does at once, over all machines. One without a row has no limit."""

    list_display = ["provider", "most", "running"]
    ordering = ["provider"]
    fields = ["provider", "most", "running"]
    readonly_fields = ["running"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["provider", "running"] if obj else ["running"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("videos.add_providerlimit")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("videos.delete_providerlimit")

    def add_row(self, row: ProviderLimit, wanted: Mapping[str, Any]) -> ProviderLimit:
        return limits.set_limit(wanted["provider"], wanted["most"])

    def change_row(self, row: ProviderLimit, wanted: Mapping[str, Any]) -> ProviderLimit:
        return limits.set_limit(row.provider, wanted.get("most", row.most))

    def delete_row(self, row: ProviderLimit) -> None:
        limits.lift(row)
