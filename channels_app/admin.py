from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from channels_app import actions
from channels_app.models import BrandKit, Channel, Upload
from config.kit.admin import ReadOnly, ThroughVerbs
from teams.access import operator


@admin.register(BrandKit)
class BrandKitAdmin(ThroughVerbs):
    list_display = ["name", "team", "ink", "paper", "accent", "font"]
    list_filter = [("team", AutocompleteSelectFilter)]
    list_select_related = ["team"]
    search_fields = ["name", "team__name"]
    ordering = ["name", "id"]
    readonly_fields = ["team"]

    def change_row(self, row: BrandKit, wanted: Mapping[str, Any]) -> object:
        return actions.change_brand_kit(by=operator(row.team), kit=row, look=wanted)


@admin.register(Channel)
class ChannelAdmin(ThroughVerbs):
    list_display = ["name", "team", "publisher", "approval", "language", "voice", "brand_kit"]
    list_filter = ["publisher", "approval", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team", "brand_kit"]
    search_fields = ["name", "slug", "team__name"]
    ordering = ["name", "id"]
    readonly_fields = ["team", "slug"]  # what was stored and published stays where it is

    def change_row(self, row: Channel, wanted: Mapping[str, Any]) -> object:
        return actions.change_channel(by=operator(row.team), channel=row, settings=wanted)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "brand_kit" and request.resolver_match:
            channel_id = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = BrandKit.objects.filter(team__channels=channel_id).distinct()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Upload)
class UploadAdmin(ReadOnly):
    list_display = ["title", "team", "channel", "badge", "attempt", "reason", "address", "age"]
    list_filter = [
        "state",
        ("channel", AutocompleteSelectFilter),
        ("team", AutocompleteSelectFilter),
    ]
    list_select_related = ["channel", "team"]
    search_fields = ["title", "uid"]
    ordering = ["-id"]
    actions = ["retry"]

    @admin.action(description="Try again", permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Upload]) -> HttpResponse:
        def act(upload: Upload) -> None:
            actions.retry_upload(by=operator(upload.team), upload=upload)

        return self.each(request, queryset.select_related("team"), act, done="Tried again")
