from collections.abc import Mapping
from typing import Any, cast

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat, truncatechars
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.views import ChangeList

from config.kit import registry
from config.kit.admin import ReadOnly, ThroughVerbs, VerbForm
from config.kit.models import Blob
from config.kit.site import Operators
from teams import actions, brake_pages, events, invitations, listening, tokens, webhooks
from teams.access import operator
from teams.models import (
    ApiToken,
    Delivery,
    Event,
    Invitation,
    ListenerCursor,
    Membership,
    NoticeChoice,
    Notification,
    Role,
    Team,
    TeamJournal,
    User,
    Webhook,
)

admin.site.unregister([Group, EmailAddress])
cast(Operators, admin.site).add_page("brake/", brake_pages.operators, name="brake")


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]
    """Rights in this admin, given to several operators at once."""


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnly):
    list_display = ["email", "user", "verified", "primary"]
    list_filter = ["verified", "primary"]
    list_select_related = ["user"]
    search_fields = ["email"]
    ordering = ["email"]


class PersonForm(VerbForm, UserChangeForm):  # type: ignore[misc]
    """Shows that there is a password, and links to Django's own form for it."""


@admin.register(User)
class UserAdmin(ThroughVerbs, DjangoUserAdmin[User]):
    form = PersonForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
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


class MembershipInline(TabularInline):  # type: ignore[misc]
    """The members of a team at a glance; each is changed on a page of its own."""

    model = Membership
    fields = readonly_fields = ("user", "role", *actions.RIGHTS)
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        found: QuerySet[Membership] = super().get_queryset(request)
        return found.select_related("team", "user").order_by("id")

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


class TeamList(ChangeList):  # type: ignore[misc]
    """Asks once for all teams of a page what they have and keep."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        teams: list[Any] = list(self.result_list)  # type: ignore[has-type]
        wanted = [team.pk for team in teams]
        kept = Blob.objects.filter(team_id__in=wanted).values_list("team_id")
        stored = dict(kept.annotate(bytes=Sum("size")))
        counts = [count(wanted) for count in registry.videos_of_teams]
        for team in teams:
            team.stored_bytes = stored.get(team.pk, 0)
            team.video_count = sum(count.get(team.pk, 0) for count in counts)
        self.result_list = teams


@admin.register(Team)
class TeamAdmin(ThroughVerbs):
    list_display = ["name", "slug", "email", "members", "videos", "stored", "age"]
    search_fields = ["name", "slug", "email"]
    readonly_fields = ["slug"]
    ordering = ["name", "id"]
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        found: QuerySet[Team] = super().get_queryset(request)
        return found.annotate(member_count=Count("memberships"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TeamList]:
        return TeamList

    @admin.display(description="Members", ordering="member_count")
    def members(self, team: Any) -> int:
        return int(team.member_count)

    @admin.display(description="Videos")
    def videos(self, team: Any) -> int:
        return int(team.video_count)

    @admin.display(description="Stored")
    def stored(self, team: Any) -> str:
        return filesizeformat(team.stored_bytes)

    def change_row(self, row: Team, wanted: Mapping[str, Any]) -> object:
        return actions.change_team(by=operator(row), team=row, name=row.name, email=row.email)


@admin.register(Membership)
class MembershipAdmin(ThroughVerbs):
    list_display = ["user", "team", "role", *actions.RIGHTS]
    list_filter = ["role", ("team", AutocompleteSelectFilter)]
    list_select_related = ["user", "team"]
    ordering = ["team__name", "id"]
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


class KindFilter(admin.SimpleListFilter):
    """By area (`videos.`) or by one kind; the kinds are those that the code knows."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = sorted(kind for kind in events.kinds())
        areas = sorted({kind.partition(".")[0] for kind in kinds})
        return [(f"{area}.", f"All of {area}") for area in areas] + [(one, one) for one in kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        wanted = self.value() or ""
        by = "kind__startswith" if wanted.endswith(".") else "kind"
        return queryset.filter(**{by: wanted}) if wanted else queryset


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    """Without the hash of the link."""

    list_display = ["email", "team", "role", "stands", "invited_by", "sent", "age", "expires_at"]
    list_filter = ["role", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team", "invited_by"]
    search_fields = ["email", "team__name"]
    ordering = ["-id"]
    exclude = ["sha256"]
    actions = ["revoke"]

    @display(description="State", label={"open": "info", "accepted": "success", "revoked": ""})  # type: ignore[untyped-decorator]
    def stands(self, invitation: Invitation) -> str:
        if invitation.accepted_at:
            return "accepted"
        return "revoked" if invitation.revoked_at else "open"

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> HttpResponse:
        def act(invitation: Invitation) -> None:
            invitations.revoke(by=operator(invitation.team), invitation=invitation)

        return self.each(request, queryset.select_related("team"), act, done="Revoked")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Of the secret only its beginning is known here; its hash is shown to nobody."""

    list_display = ["name", "team", "shown", "scopes", "usable", "last_used_at", "expires_at"]
    list_filter = [("team", AutocompleteSelectFilter)]
    list_select_related = ["team"]
    search_fields = ["name", "shown", "team__name"]
    ordering = ["-id"]
    exclude = ["sha256"]
    actions = ["revoke"]

    @display(description="Usable", boolean=True)  # type: ignore[untyped-decorator]
    def usable(self, token: ApiToken) -> bool:
        return token.revoked_at is None

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> HttpResponse:
        def act(token: ApiToken) -> None:
            tokens.revoke_token(by=operator(token.team), token=token)

        return self.each(request, queryset.select_related("team"), act, done="Revoked")


@admin.register(TeamJournal)
class TeamJournalAdmin(ReadOnly):
    list_display = ["team", "seq"]
    list_select_related = ["team"]
    ordering = ["team_id"]


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ["when", "team", "seq", "kind", "told"]
    list_filter = [("team", AutocompleteSelectFilter), KindFilter]
    list_select_related = ["team"]
    search_fields = ["kind"]
    ordering = ["-id"]

    @admin.display(description="At (UTC)", ordering="id")
    def when(self, event: Event) -> str:
        return f"{event.at:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="Says")
    def told(self, event: Event) -> str:
        said = [
            f"{name}: {value}" for name, value in event.payload.items() if value not in ("", None)
        ]
        return truncatechars(", ".join(said), 160)


@admin.register(ListenerCursor)
class ListenerCursorAdmin(ReadOnly):
    list_display = ["listener", "team", "seq", "head", "attempt", "due_at", "error"]
    list_filter = ["listener", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team__journal"]
    search_fields = ["listener", "team__name"]
    ordering = ["-attempt", "id"]
    actions = ["try_again"]

    @admin.display(description="Journal at")
    def head(self, cursor: ListenerCursor) -> int:
        return cursor.team.journal.seq

    @admin.action(description="Try again now", permissions=["operate"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[ListenerCursor]) -> HttpResponse:
        return self.each(request, queryset, listening.try_again, done="Woken")


@admin.register(Webhook)
class WebhookAdmin(ReadOnly):
    """Without the path of its address and without its secrets."""

    list_display = ["host", "team", "is_active", "failures", "failing_since", "why", "age"]
    list_filter = ["is_active", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team"]
    search_fields = ["team__name"]
    ordering = ["-id"]
    exclude = ["url", "secret", "old_secret"]
    actions = ["switch_off"]

    @admin.display(description="Switched off because")
    def why(self, hook: Webhook) -> str:
        return hook.disabled_reason

    @admin.action(description="Switch off", permissions=["operate"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> HttpResponse:
        def act(hook: Webhook) -> None:
            webhooks.disable(hook.pk, "The server’s operators switched it off.")

        return self.each(request, queryset, act, done="Switched off")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Without what the address answered: that is the team's."""

    list_display = ["kind", "webhook", "badge", "attempt", "last_status", "error", "age", "due_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["webhook"]
    search_fields = ["uid", "=webhook__id", "=event_seq"]
    ordering = ["-id"]
    exclude = ["response"]
    actions = ["replay"]

    @admin.action(description="Send again", permissions=["operate"])
    def replay(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse:
        def act(delivery: Delivery) -> None:
            webhooks.replay(by=operator(delivery.webhook.team), delivery=delivery)

        found = queryset.select_related("webhook__team")
        return self.each(request, found, act, done="Put back on their way")


@admin.register(Notification)
class NotificationAdmin(ReadOnly):
    list_display = ["kind", "user", "team", "text", "age", "read_at", "mail_due_at", "mailed_at"]
    list_filter = ["kind", ("team", AutocompleteSelectFilter)]
    list_select_related = ["user", "team"]
    search_fields = ["user__email", "text"]
    ordering = ["-id"]


@admin.register(NoticeChoice)
class NoticeChoiceAdmin(ReadOnly):
    list_display = ["user", "kind", "in_app", "by_mail"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    ordering = ["user__email", "kind"]
