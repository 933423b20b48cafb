"""Pages of the team's API tokens."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from config.kit.pages import tries
from teams import tokens
from teams.access import SCOPES
from teams.models import ApiToken, User
from teams.pages import SignedIn, by, signed_in

LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "One year"), ("", "Does not expire")]


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=100, help_text="What uses it, such as “nightly import” or “WordPress plugin”."
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
    days = forms.ChoiceField(label="Valid for", choices=LIFETIMES, required=False, initial="90")


class Tokens(SignedIn, FormView[TokenForm]):
    template_name = "teams/tokens.html"
    form_class = TokenForm

    def form_valid(self, form: TokenForm) -> HttpResponse:
        given = form.cleaned_data
        made = tries(
            form,
            lambda: tokens.create_token(
                by=self.by,
                name=given["name"],
                scopes=given["scopes"],
                days=int(given["days"]) if given["days"] else None,
            ),
        )
        if made is None:
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=TokenForm(), made=made))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        usable = ApiToken.objects.usable().filter(team_id=self.by.team_id).order_by("-id")
        found = list(usable)
        makers = User.objects.in_bulk({one.created_by_id for one in found if one.created_by_id})
        for one in found:
            one.maker = makers.get(one.created_by_id)  # type: ignore[attr-defined]
        grants = {scope for scope in SCOPES if self.by.may_grant(scope)}
        return super().get_context_data(tokens=found, grants=grants, **kwargs)


@require_POST
@signed_in
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, team_id=by(request).team_id)
    tokens.revoke_token(by=by(request), token=token)
    return redirect("teams:tokens")
