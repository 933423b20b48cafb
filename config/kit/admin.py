from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from config.kit.database import rehearse
from config.kit.errors import Refused
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


class VerbForm(forms.ModelForm[Any]):
    """Shows what the verb refuses, as it shows what the model refuses."""

    act: ClassVar[Callable[[Any, Mapping[str, Any]], object]]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            rehearse(lambda: type(self).act(self.instance, self.wanted()))
        except Refused as refusal:
            self.add_error(None, refusal.message)

    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class ThroughVerbs(admin.ModelAdmin[Any]):
    """For rows that people change: each change is a verb's. What has no verb can't be done."""

    form = VerbForm

    def change_row(self, row: Any, wanted: Mapping[str, Any]) -> object:
        """Calls the verb; `row` shows what was asked for already, so the verb reads it anew."""
        raise NotImplementedError

    def add_row(self, row: Any, wanted: Mapping[str, Any]) -> models.Model:
        raise NotImplementedError

    def delete_row(self, row: Any) -> object:
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[VerbForm]:
        form = cast(type[VerbForm], super().get_form(request, obj, change=change, **kwargs))
        form.act = self.change_row if change else self.add_row
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            self.change_row(obj, form.wanted())
        else:
            obj.pk = self.add_row(obj, form.wanted()).pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_row(obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Rows are deleted one by one, each with its own answer."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refused as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect(request.path)


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
