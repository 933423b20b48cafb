from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from config.kit.admin import ReadOnly
from teams.models import Event, Membership, Team, TeamJournal, User


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
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


class MembershipInline(admin.TabularInline[Membership, Team]):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    list_display = ["name", "slug", "email", "created_at"]
    search_fields = ["name", "slug", "email"]
    inlines = [MembershipInline]

    def has_add_permission(self, request: object) -> bool:
        return False  # a team is made by its verb, with its journal


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
