from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from config.kit.models import Blob, BlobRef, ClusterBeat


class ReadOnly(admin.ModelAdmin[Any]):
    """For rows that only the code writes: to look at, never to change."""

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """For actions that call a verb: only who could change such a row may."""
        meta = self.opts
        return request.user.has_perm(f"{meta.app_label}.change_{meta.model_name}")


@admin.register(Blob)
class BlobAdmin(ReadOnly):
    list_display = ["sha256", "team_id", "size", "content_type", "created_at"]
    list_filter = ["content_type"]
    search_fields = ["sha256"]


@admin.register(BlobRef)
class BlobRefAdmin(ReadOnly):
    list_display = ["name", "kind", "ref_id", "blob"]
    list_filter = ["kind"]
    list_select_related = ["blob"]


@admin.register(ClusterBeat)
class ClusterBeatAdmin(ReadOnly):
    list_display = ["cluster", "host", "pid", "workers", "started_at", "beat_at", "answered_at"]
