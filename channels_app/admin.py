from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from channels_app import actions, google, quotas
from channels_app.models import (
    BrandKit,
    Channel,
    Credential,
    GoogleProject,
    QuotaBucket,
    QuotaDay,
    QuotaLedger,
    QuotaRule,
    Upload,
)
from config.kit.admin import ReadOnly, ThroughVerbs, VerbForm
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


@admin.register(Credential)
class CredentialAdmin(ReadOnly):
    """Channels that are connected to YouTube; tokens are shown to nobody."""

    list_display = ["channel", "team", "title", "badge", "reason", "last_ok_at", "connected_at"]
    list_filter = ["state", ("team", AutocompleteSelectFilter)]
    list_select_related = ["channel", "team"]
    search_fields = ["title", "youtube_id", "channel__name"]
    ordering = ["-id"]
    exclude = ["refresh_token", "access_token"]


@admin.register(GoogleProject)
class GoogleProjectAdmin(ThroughVerbs):
    """The one by which YouTube is asked, unless GOOGLE_CLIENT_ID is set. Its secret is never shown:
    left empty it stays as it is."""

    list_display = ["client_id", "consent_status", "is_active", "changed_at"]
    ordering = ["-id"]
    fields = ["client_id", "client_secret", "consent_status", "is_active"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("channels_app.add_googleproject")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_active": True}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "client_secret":
            return forms.CharField(widget=forms.PasswordInput, label="Client secret")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[VerbForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "client_secret" in form.base_fields:
            form.base_fields["client_secret"].required = not change
        return form

    def add_row(self, row: GoogleProject, wanted: Mapping[str, Any]) -> GoogleProject:
        return google.enter(row)

    def change_row(self, row: GoogleProject, wanted: Mapping[str, Any]) -> None:
        google.change(row, wanted)


@admin.register(QuotaBucket)
class QuotaBucketAdmin(ThroughVerbs):
    """What the console of the Google project shows; a change counts from the next call on."""

    list_display = ["title", "name", "units_a_day", "kept_percent"]
    ordering = ["name"]
    readonly_fields = ["name"]

    def change_row(self, row: QuotaBucket, wanted: Mapping[str, Any]) -> None:
        quotas.change(row, wanted)


@admin.register(QuotaRule)
class QuotaRuleAdmin(ThroughVerbs):
    """A later row for a method takes the place of an earlier one when its day comes."""

    list_display = ["method", "bucket", "cost", "valid_from", "is_seeded"]
    list_filter = ["bucket"]
    list_select_related = ["bucket"]
    search_fields = ["method"]
    ordering = ["method", "-valid_from"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("channels_app.add_quotarule")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("channels_app.delete_quotarule")

    def add_row(self, row: QuotaRule, wanted: Mapping[str, Any]) -> QuotaRule:
        return quotas.enter(row)

    def change_row(self, row: QuotaRule, wanted: Mapping[str, Any]) -> None:
        quotas.change(row, wanted)

    def delete_row(self, row: QuotaRule) -> None:
        quotas.remove(row)


@admin.register(QuotaDay)
class QuotaDayAdmin(ReadOnly):
    list_display = ["day", "bucket", "spent", "reserved", "is_used_up"]
    list_filter = ["bucket", "is_used_up"]
    list_select_related = ["bucket"]
    ordering = ["-day", "bucket__name"]
    actions = ["reopen"]

    @admin.action(description="Ask YouTube again today", permissions=["operate"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[QuotaDay]) -> HttpResponse:
        return self.each(request, queryset, quotas.reopen, done="Asked again")


@admin.register(QuotaLedger)
class QuotaLedgerAdmin(ReadOnly):
    list_display = ["at", "method", "units", "badge", "channel_id", "request"]
    list_filter = ["state", "method"]
    search_fields = ["request", "=channel_id"]
    ordering = ["-id"]
