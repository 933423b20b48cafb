"""Pages of people and their teams: set-up, invitations, members, settings, switch of team."""

from typing import Any

from django.contrib.auth import login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View
from django.views.generic import FormView

from config.kit import files, pages
from config.kit.errors import Refused
from teams import accounts, actions, forms, invitations, setting_up
from teams.access import MAY, Actor, actor_of, team_for_view
from teams.actions import RIGHTS
from teams.models import Invitation, Membership, Role, Team, User
from teams.pages import SignedIn

BACKEND = "django.contrib.auth.backends.ModelBackend"


class SetUp(FormView[forms.SetUp]):
    """Once, on an empty installation."""

    template_name = "teams/set_up.html"
    form_class = forms.SetUp

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if User.objects.exists():
            raise Http404("This studio is set up.")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        return {"team": "Studio", "code": self.request.GET.get("code", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        needs_code = not setting_up.is_at_the_machine(self.request)
        return super().get_context_data(needs_code=needs_code, **kwargs)

    def form_valid(self, form: forms.SetUp) -> HttpResponse:
        given = form.cleaned_data
        if not (setting_up.is_at_the_machine(self.request) or setting_up.is_right(given["code"])):
            form.add_error("code", "This is not the code: open the link that the server printed.")
            return self.form_invalid(form)
        user = pages.tries(
            form,
            lambda: actions.set_up(
                email=given["email"],
                password=given["password"],
                name=given["name"],
                team_name=given["team"],
            ),
        )
        if user is None:
            return self.form_invalid(form)
        login(self.request, user, backend=BACKEND)
        pages.tell(self.request, f"Welcome, {user.get_short_name()}. The studio is yours.")
        return redirect("home")


class Joining(View):
    """What the link of an invitation opens, signed in or not."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        try:
            invitation = invitations.find(secret)
        except Refused as refusal:
            return render(
                request, "teams/invitation_gone.html", {"why": refusal.message}, status=404
            )
        request.session[accounts.KEPT] = secret
        known = User.objects.filter(email__iexact=invitation.email).exists()
        context = {"invitation": invitation, "secret": secret, "is_known": known}
        context["may_sign_up"] = accounts.Accounts(request).is_open_for_signup(request)
        return render(request, "teams/invitation.html", context)

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect("account_login")
        member = invitations.accept(user=request.user, invitation=invitations.find(secret))
        request.session.pop(accounts.KEPT, None)
        request.session["team_id"] = member.team_id
        pages.tell(request, f"You are in {member.team} now.")
        return redirect("home")


class TeamPage(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(forms.Invite(initial={"role": Role.EDITOR}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """An invitation; the link is shown once, for who rather sends it by hand."""
        form = forms.Invite(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        given = form.cleaned_data
        rights = {name: given[name] for name in RIGHTS}
        role = Role(given["role"])
        made = pages.tries(
            form,
            lambda: invitations.invite(by=self.by, email=given["email"], role=role, rights=rights),
        )
        if made is None:
            return self.page(form, status=422)
        return self.page(forms.Invite(initial={"role": Role.EDITOR}), link=made[1], to=made[0])

    def page(self, form: forms.Invite, status: int = 200, **more: Any) -> HttpResponse:
        open_ones = Invitation.objects.open().filter(team_id=self.by.team_id)
        context = {
            "form": form,
            "members": _members(self.by),
            "invitations": open_ones.select_related("invited_by").order_by("-id"),
            "roles": Role,
            "may": [(what, [role in who for role in Role]) for what, who in MAY.items()],
            **more,
        }
        return render(self.request, "teams/team.html", context, status=status)


def _members(by: Actor) -> QuerySet[Membership]:
    mine = Membership.objects.filter(team_id=by.team_id)
    return mine.select_related("user").order_by("id")


class _OneMember(SignedIn, View):
    def member(self, pk: int) -> Membership:
        return get_object_or_404(_members(self.by), pk=pk)


class ChangeMember(_OneMember):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        member, form = self.member(pk), forms.Member(request.POST)
        if not form.is_valid():
            raise Refused("Choose a role from the list.")
        given = form.cleaned_data
        actions.change_role(
            by=self.by,
            membership=member,
            role=Role(given["role"]),
            rights={name: given[name] for name in RIGHTS},
            version=given["version"],
        )
        pages.tell(request, f"{member.user.get_short_name()} is changed.")
        return redirect("teams:team")


class RemoveMember(_OneMember):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        member = self.member(pk)
        actions.remove_member(by=self.by, membership=member)
        pages.tell(request, f"{member.user.get_short_name()} is no longer in the team.")
        return redirect("teams:team")


class Leave(SignedIn, View):
    def post(self, request: HttpRequest) -> HttpResponse:
        actions.leave_team(by=self.by)
        request.session.pop("team_id", None)
        return redirect("home")


class _OneInvitation(SignedIn, View):
    def invitation(self, pk: int) -> Invitation:
        mine = Invitation.objects.filter(team_id=self.by.team_id).select_related("team")
        return get_object_or_404(mine, pk=pk)


class Resend(_OneInvitation):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = self.invitation(pk)
        invitations.resend(by=self.by, invitation=invitation)
        pages.tell(request, f"{invitation.email} gets a new link; the old one is void.")
        return redirect("teams:team")


class Revoke(_OneInvitation):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        invitation = self.invitation(pk)
        invitations.revoke(by=self.by, invitation=invitation)
        pages.tell(request, f"The invitation of {invitation.email} is void.")
        return redirect("teams:team")


class Switch(SignedIn, View):
    def post(self, request: HttpRequest) -> HttpResponse:
        wanted = request.POST.get("team", "")
        mine = Membership.objects.filter(user_id=self.by.user_id or 0)
        number = int(wanted) if wanted.isdecimal() and len(wanted) < 18 else 0
        if not mine.filter(team_id=number).exists():
            raise Http404("This is no team of yours.")
        request.session["team_id"] = number
        return redirect("home")


class NewTeam(FormView[forms.NewTeam]):
    """Also for who is in no team yet."""

    template_name = "teams/new_team.html"
    form_class = forms.NewTeam

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.is_authenticated:
            return redirect("account_login")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.NewTeam) -> HttpResponse:
        user: Any = self.request.user
        team = pages.tries(
            form, lambda: actions.found_team(user=user, name=form.cleaned_data["name"])
        )
        if team is None:
            return self.form_invalid(form)
        self.request.session["team_id"] = team.pk
        pages.tell(self.request, f"{team} is ready.")
        return redirect("home")


class NoTeam(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect("account_login")
        if actor_of(request) is not None:
            return redirect("home")
        return render(request, "teams/no_team.html")


class Settings(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._team() if "team" in request.POST else self._profile()

    def _profile(self) -> HttpResponse:
        form = forms.Profile(self.request.POST)
        user: Any = self.request.user
        if not form.is_valid():
            return self.page(profile=form)
        actions.rename_person(user=user, name=form.cleaned_data["name"])
        pages.tell(self.request, "Saved.")
        return redirect("teams:settings")

    def _team(self) -> HttpResponse:
        team = team_for_view(self.by, self.by.team_id)
        form = forms.TeamSettings(self.request.POST, instance=team)
        if not form.is_valid():
            return self.page(team_form=form)
        given = form.cleaned_data
        changed = pages.tries(
            form,
            lambda: actions.change_team(
                by=self.by,
                team=team,
                name=given["name"],
                email=given["email"],
                version=given["version"],
            ),
        )
        if changed is None:
            return self.page(team_form=form)
        pages.tell(self.request, "Saved.")
        return redirect("teams:settings")

    def page(
        self,
        *,
        profile: forms.Profile | None = None,
        team_form: forms.TeamSettings | None = None,
    ) -> HttpResponse:
        user: Any = self.request.user
        team = Team.objects.get(pk=self.by.team_id)
        context = {
            "profile": profile or forms.Profile(initial={"name": user.name}),
            "team_form": team_form
            or forms.TeamSettings(instance=team, initial={"version": team.version}),
            "team": team,
            "storage": _storage(team),
        }
        status = 422 if profile or team_form else 200
        return render(self.request, "teams/settings.html", context, status=status)


HOLDERS = {
    "videos.artifact": "Videos and their parts",
    "videos.asset": "Pictures, clips and music",
    "videos.scriptversion": "Scripts",
    "channels_app.brandkit": "Logos",
}


def _storage(team: Team) -> dict[str, Any]:
    rows = [
        (HOLDERS[use.kind], use.size, use.count)
        for use in files.used_by(team.pk)
        if use.kind in HOLDERS
    ]
    return {"rows": rows, "total": files.kept_of(team.pk)}
