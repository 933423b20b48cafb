"""Pages of webhooks: all of the team's, one with what was sent to it."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from config.kit import pages
from teams import events, webhooks
from teams.access import team_for_admin
from teams.models import Delivery, DeliveryState, Webhook
from teams.pages import SignedIn

PER_PAGE = 25


class WebhookForm(forms.Form):
    url = forms.CharField(
        max_length=2000,
        label="Address",
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/hooks/showrunner"}),
    )
    kinds = forms.MultipleChoiceField(required=False, label="Events")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kinds"].choices = [(one, one) for one in events.kinds()]  # type: ignore[attr-defined]


class RangeForm(forms.Form):
    since_seq = forms.IntegerField(min_value=1, max_value=2**53, label="From event")
    until_seq = forms.IntegerField(min_value=1, max_value=2**53, label="to event")


class _OfAdmins(SignedIn, View):
    def hook(self, pk: int) -> Webhook:
        return get_object_or_404(webhooks.visible_to(self.by), pk=pk)


class Webhooks(_OfAdmins):
    def get(self, request: HttpRequest) -> HttpResponse:
        failed = Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED))
        found = webhooks.visible_to(self.by).annotate(
            failed=failed, last_at=Max("deliveries__ended_at")
        )
        return render(request, "teams/webhooks.html", {"hooks": list(found.order_by("id"))})


class NewWebhook(_OfAdmins):
    def get(self, request: HttpRequest) -> HttpResponse:
        team_for_admin(self.by, self.by.team_id)
        return self._page(WebhookForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WebhookForm(request.POST)
        if form.is_valid():
            made = pages.tries(form, lambda: webhooks.create(by=self.by, **form.cleaned_data))
            if made is not None:
                return _shown(request, made[0], secret=made[1])
        return self._page(form, status=422)

    def _page(self, form: WebhookForm, status: int = 200) -> HttpResponse:
        groups = grouped(form["kinds"].value() or ())
        context = {"form": form, "groups": groups}
        return render(self.request, "teams/new_webhook.html", context, status=status)


class OneWebhook(_OfAdmins):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return _shown(request, self.hook(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook, form = self.hook(pk), WebhookForm(request.POST)
        if form.is_valid():
            wanted, version = form.cleaned_data, _number(request.POST.get("version", ""))
            changed = pages.tries(
                form,
                lambda: webhooks.change(by=self.by, webhook=hook, settings=wanted, version=version),
            )
            if changed is not None:
                pages.tell(request, "Saved.")
                return redirect("teams:webhook", hook.pk)
        return _shown(request, hook, form=form)


class Switch(_OfAdmins):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook, is_active = self.hook(pk), request.POST.get("to") == "on"
        webhooks.change(by=self.by, webhook=hook, settings={"is_active": is_active})
        pages.tell(request, f"The webhook to {hook.host} is {'on' if is_active else 'off'}.")
        return redirect("teams:webhook", pk)


class Remove(_OfAdmins):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook = self.hook(pk)
        webhooks.remove(by=self.by, webhook=hook)
        pages.tell(request, f"The webhook to {hook.host} is gone.")
        return redirect("teams:webhooks")


class Rotate(_OfAdmins):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook, secret = webhooks.rotate(by=self.by, webhook=self.hook(pk))
        return _shown(request, hook, secret=secret)


class Ping(_OfAdmins):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        webhooks.ping(by=self.by, webhook=self.hook(pk))
        pages.tell(request, "A test is on its way.")
        return redirect("teams:webhook", pk)


class Replay(_OfAdmins):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        mine = Delivery.objects.filter(webhook__in=webhooks.visible_to(self.by))
        found = get_object_or_404(mine.select_related("webhook"), pk=pk)
        webhooks.replay(by=self.by, delivery=found)
        pages.tell(request, "It is sent again.")
        return redirect("teams:webhook", found.webhook_id)


class Range(_OfAdmins):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook, form = self.hook(pk), RangeForm(request.POST)
        if not form.is_valid():
            pages.tell(request, "Write two numbers of events.", tone="bad")
            return redirect("teams:webhook", pk)
        count = webhooks.replay_range(by=self.by, webhook=hook, **form.cleaned_data)
        pages.tell(request, f"{count} event{'' if count == 1 else 's'} are sent again.")
        return redirect("teams:webhook", pk)


def _shown(
    request: HttpRequest, hook: Webhook, *, secret: str = "", form: WebhookForm | None = None
) -> HttpResponse:
    asked = request.GET.get("state", "")
    found = Delivery.objects.filter(webhook=hook).order_by("-id")
    if asked in DeliveryState.values:
        found = found.filter(state=asked)
    shown = form or WebhookForm(initial={"url": hook.url, "kinds": hook.kinds})
    context = {
        "hook": hook,
        "secret": secret,
        "form": shown,
        "groups": grouped(shown["kinds"].value() or ()),
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "states": DeliveryState,
        "asked": asked,
    }
    return render(request, "teams/webhook.html", context, status=422 if form else 200)


@dataclass(frozen=True)
class Group:
    """The events of one area, as the form shows them."""

    area: str
    kinds: list[tuple[str, str, bool]]  # each with its words, and whether it is chosen

    @property
    def chosen(self) -> int:
        return sum(is_chosen for _, _, is_chosen in self.kinds)


def grouped(chosen: Collection[str]) -> list[Group]:
    def shown(kind: str) -> tuple[str, str, bool]:
        return kind, kind.partition(".")[2].replace("_", " "), kind in chosen

    areas = groupby(sorted(events.kinds()), key=lambda kind: kind.partition(".")[0])
    return [Group(area, [shown(kind) for kind in kinds]) for area, kinds in areas]


def _number(told: str) -> int | None:
    return int(told) if told.isdecimal() and len(told) < 10 else None
