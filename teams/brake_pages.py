"""Pages of the brake: the team's in its settings, the operators' in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from config.kit import pages
from config.kit.errors import Refused
from teams import brakes
from teams.models import Brake, Stops, Team, User
from teams.pages import SignedIn

RIGHT = "teams.change_brake"  # superusers have every right
LATELY = 20


class PullForm(forms.Form):
    what = forms.ChoiceField(choices=Stops.choices)
    why = forms.CharField(max_length=300, required=False)


class OperatorForm(PullForm):
    team = forms.CharField(required=False, label="Slug of the team; empty: all teams")
    to = forms.ChoiceField(choices=[("pull", "Pull"), ("release", "Release")])

    def clean_team(self) -> Team | None:
        slug = self.cleaned_data["team"].strip()
        if not slug:
            return None
        team = Team.objects.filter(slug=slug).first()
        if team is None:
            raise forms.ValidationError(f"There is no team {slug}.")
        return team


class Pull(SignedIn, View):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = PullForm(request.POST)
        if not form.is_valid():
            raise Refused("Choose what is to stop, and say why in 300 characters at most.")
        brake = brakes.pull(by=self.by, **form.cleaned_data)
        pages.tell(request, brakes.sentence(brake), tone="warn")
        return redirect("teams:settings")


class Release(SignedIn, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        brake = get_object_or_404(Brake.objects.over(self.by.team_id), pk=pk)
        brakes.release(by=self.by, brake=brake)
        pages.tell(request, f"{brake.what.capitalize()} goes on.")
        return redirect("teams:settings")


def operators(request: HttpRequest) -> HttpResponse:
    """The admin's page: what is stopped, for all teams and for single ones."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    return _operate(request) if request.method == "POST" else _show(request)


def _operate(request: HttpRequest) -> HttpResponse:
    form = OperatorForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return HttpResponseRedirect(reverse("admin:brake"))
    given = form.cleaned_data
    by = brakes.Operator(request.user.pk)
    if given["to"] == "pull":
        brake = brakes.pull_as_operator(
            by=by, what=given["what"], team=given["team"], why=given["why"]
        )
        messages.warning(request, brakes.sentence(brake))
    else:
        brakes.release_as_operator(by=by, what=given["what"], team=given["team"])
        messages.success(request, f"{given['what'].capitalize()} goes on.")
    return HttpResponseRedirect(reverse("admin:brake"))


def _show(request: HttpRequest) -> HttpResponse:
    on = list(Brake.objects.on().select_related("team").order_by("-since", "-id"))
    everywhere = {brake.what: brake for brake in on if brake.is_everywhere}
    released = Brake.objects.exclude(released_at=None).select_related("team")
    past = list(released.order_by("-released_at", "-id")[:LATELY])
    people = User.objects.in_bulk({one.by_id for one in on if one.by_id})
    for one in on:
        one.who = people.get(one.by_id or 0)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "title": "Brake",
        "switches": [(what, everywhere.get(what)) for what in Stops],
        "of_teams": [brake for brake in on if not brake.is_everywhere],
        "past": past,
        "stops": Stops,
    }
    return render(request, "admin/brake.html", admin.site.each_context(request) | context)
