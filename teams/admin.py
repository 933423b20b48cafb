from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.http import HttpRequest

from config.kit.admin import ReadOnly, ThroughVerbs, VerbForm
from teams import actions
from teams.access import operator
from teams.models import Event, Membership, Role, Team, TeamJournal, User


class PersonForm(VerbForm, UserChangeForm[User]):
    """Shows that there is a password, and links to Django's own form for it."""


@admin.register(User)
class UserAdmin(ThroughVerbs, DjangoUserAdmin[User]):
    form = PersonForm
    ordering = ["email"]
    list_display = ["email", "name", "is_staff", "is_active", "joined_at"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email", "name"]
    readonly_fields = ["joined_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        (
            "Rights",
            {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]},
        ),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "password1", "password2"]})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # memberships would go untold: remove those, and switch the person off

    def change_row(self, row: User, wanted: Mapping[str, Any]) -> object:
        settings = {name: value for name, value in wanted.items() if name in actions.PERSON}
        return actions.change_person(user=row, settings=settings)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Who is new is in no team yet that could be told."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            obj.save()


class MembershipInline(admin.TabularInline[Membership, Team]):
    """The members of a team at a glance; each is changed on a page of its own."""

    model = Membership
    fields = readonly_fields = ("user", "role", *actions.RIGHTS)
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Team)
class TeamAdmin(ThroughVerbs):
    list_display = ["name", "slug", "email", "created_at"]
    search_fields = ["name", "slug", "email"]
    readonly_fields = ["slug"]
    inlines = [MembershipInline]

    def change_row(self, row: Team, wanted: Mapping[str, Any]) -> object:
        return actions.change_team(by=operator(row), team=row, name=row.name, email=row.email)


@admin.register(Membership)
class MembershipAdmin(ThroughVerbs):
    list_display = ["user", "team", "role", *actions.RIGHTS]
    list_filter = ["role", "team"]
    list_select_related = ["user", "team"]
    search_fields = ["user__email", "team__name"]
    autocomplete_fields = ["team", "user"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        return ["team", "user", "role", *(actions.RIGHTS if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        return ["team", "user"] if obj else []

    def change_row(self, row: Membership, wanted: Mapping[str, Any]) -> object:
        rights = {name: value for name, value in wanted.items() if name in actions.RIGHTS}
        return actions.change_role(
            by=operator(row.team), membership=row, role=Role(row.role), rights=rights
        )

    def add_row(self, row: Membership, wanted: Mapping[str, Any]) -> Membership:
        return actions.add_member(team=row.team, user=row.user, role=Role(row.role))

    def delete_row(self, row: Membership) -> object:
        return actions.remove_member(by=operator(row.team), membership=row)


@admin.register(TeamJournal)
class TeamJournalAdmin(ReadOnly):
    list_display = ["team", "seq"]
    list_select_related = ["team"]


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ["team", "seq", "kind", "payload", "at"]
    list_filter = ["kind", "team"]
    list_select_related = ["team"]
    ordering = ["-id"]
