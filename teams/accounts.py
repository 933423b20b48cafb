"""What django-allauth asks us: who may sign up, who they become, and how letters go out."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from config.kit import mail
from config.kit.database import verb
from config.kit.errors import Refused
from teams import actions, invitations
from teams.models import Invitation, User

KEPT = "invitation"  # the session's key of the link by which somebody came
LETTERS = {
    "account/email/password_reset_key": "password_reset",
    "account/email/email_confirmation": "confirm_address",
    "account/email/email_confirmation_signup": "confirm_address",
    "account/email/account_already_exists": "account_exists",
    "account/email/unknown_account": "unknown_account",
}
TOLD = ("password_reset_url", "activate_url", "signup_url", "email")


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The one by whose link the person came, if it is still good."""
    secret = request.session.get(KEPT, "")
    try:
        return invitations.find(secret) if secret else None
    except Refused:
        return None


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        if settings.SIGN_UP == "open":
            return True
        return settings.SIGN_UP == "invite" and invitation_of(request) is not None

    def save_user(
        self, request: HttpRequest, user: User, form: forms.Form, commit: bool = True
    ) -> User:
        """The person, and the team that they come into, in one transaction."""
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data.get("name", "")
        invitation = invitation_of(request)
        _sign_up(user, invitation)
        if invitation is not None:
            request.session.pop(KEPT, None)
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        told = {name: str(context[name]) for name in TOLD if name in context}
        mail.post(to=email, letter=LETTERS[template_prefix], context={"email": email, **told})

    def get_reset_password_from_key_url(self, key: str) -> str:
        uidb36, _, secret = key.partition("-")
        path = reverse("account_reset_password_from_key", args=[uidb36, secret])
        return settings.PUBLIC_URL + path

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return str(settings.PUBLIC_URL + path)


@verb
def _sign_up(user: User, invitation: Invitation | None) -> None:
    user.save()
    if invitation is not None:
        invitations.accept(user=user, invitation=invitation)
    else:
        actions.found_team(user=user, name=f"{user.get_short_name()}’s studio"[:120])
