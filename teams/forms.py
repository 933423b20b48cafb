"""Forms of people and teams."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.validators import RegexValidator
from django.http import HttpRequest

from config.kit.rows import storable
from teams.models import Role, Team, User

one_line = RegexValidator(r"^[^\x00-\x1f\x7f\u2028\u2029]*\Z", "Write it on one line.")
NAME: dict[str, Any] = {"max_length": 120, "validators": [storable, one_line]}
ROLES = [
    (Role.EDITOR, "Editor: makes and publishes videos"),
    (Role.VIEWER, "Viewer: looks"),
    (Role.ADMIN, "Admin: also invites people and changes settings"),
    (Role.OWNER, "Owner: everything"),
]


class SignUp(forms.Form):
    """What allauth's form asks besides mail address and password."""

    name = forms.CharField(
        label="Your name", **NAME, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """All is done by then (teams.accounts.Accounts.save_user)."""


class SetUp(forms.Form):
    name = forms.CharField(label="Your name", **NAME)
    email = forms.EmailField(widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    team = forms.CharField(
        label="Studio name", initial="Studio", help_text="What your team is called.", **NAME
    )
    code = forms.CharField(
        required=False,
        label="Set-up code",
        help_text="It stands in the link that the server printed when it started.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password"):
            user = User(email=given.get("email", ""), name=given.get("name", ""))
            try:
                validate_password(given["password"], user)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class Invite(forms.Form):
    email = forms.EmailField(label="Mail address")
    role = forms.ChoiceField(choices=ROLES)
    can_approve = forms.BooleanField(required=False, label="May approve videos")
    can_comment = forms.BooleanField(required=False, label="May comment", initial=True)
    can_see_costs = forms.BooleanField(required=False, label="Sees costs")


class Member(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
    can_approve = forms.BooleanField(required=False)
    can_comment = forms.BooleanField(required=False)
    can_see_costs = forms.BooleanField(required=False)
    version = forms.IntegerField()


class Profile(forms.Form):
    name = forms.CharField(label="Your name", **NAME)


class TeamSettings(forms.ModelForm[Team]):
    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Team
        fields = ["name", "email"]
        labels = {"name": "Team name", "email": "Mail address for bills and warnings"}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        storable(name)
        one_line(name)
        return name


class NewTeam(forms.Form):
    name = forms.CharField(label="Team name", **NAME)
