from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from config.kit.admin import ReadOnly, ThroughVerbs
from videos import limits, resting, routes, standins
from videos.models import ProviderLimit, ProviderRest, RouteStep


@admin.register(ProviderLimit)
class ProviderLimitAdmin(ThroughVerbs):
    """How much a provider does at once, over all machines. One without a row has no limit."""

    list_display = ["provider", "most", "per_minute", "running"]
    ordering = ["provider"]
    fields = ["provider", "most", "per_minute", "running"]
    readonly_fields = ["running"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["provider", "running"] if obj else ["running"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("videos.add_providerlimit")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("videos.delete_providerlimit")

    def add_row(self, row: ProviderLimit, wanted: Mapping[str, Any]) -> ProviderLimit:
        return limits.set_limit(row.provider, row.most, row.per_minute)

    def change_row(self, row: ProviderLimit, wanted: Mapping[str, Any]) -> ProviderLimit:
        return limits.set_limit(row.provider, row.most, row.per_minute)

    def delete_row(self, row: ProviderLimit) -> None:
        limits.lift(row)


@admin.register(RouteStep)
class RouteStepAdmin(ThroughVerbs):
    """Where a provider fails several times in a row, the next of its route takes over. A video
    whose voice has spoken already waits for it instead. Who has no price is passed over."""

    list_display = ["kind", "position", "name", "price"]
    list_filter = ["kind"]
    ordering = ["kind", "position"]
    fields = ["kind", "position", "name"]

    @admin.display(description="Price, by the price book")
    def price(self, step: RouteStep) -> str:
        return standins.told(step)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("videos.add_routestep")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("videos.delete_routestep")

    def add_row(self, row: RouteStep, wanted: Mapping[str, Any]) -> RouteStep:
        return routes.add(row)

    def change_row(self, row: RouteStep, wanted: Mapping[str, Any]) -> None:
        routes.change(row, dict(wanted))

    def delete_row(self, row: RouteStep) -> None:
        routes.drop(row)


@admin.register(ProviderRest)
class ProviderRestAdmin(ReadOnly):
    """Providers that failed lately. One that rests is asked again by itself."""

    list_display = ["provider", "failures", "rests_until", "why"]
    ordering = ["-rests_until", "provider"]
    actions = ["ask_again"]

    @admin.action(description="Ask again at once", permissions=["operate"])
    def ask_again(self, request: HttpRequest, rows: QuerySet[ProviderRest]) -> HttpResponse:
        return self.each(request, rows, resting.wake_up, "Asked again")
