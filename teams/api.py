"""Endpoints of people and tokens."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api
from config.kit.openapi import described
from teams import actions, brakes, invitations, tokens
from teams.access import SCOPES, team_for_view
from teams.models import ApiToken, Brake, Invitation, Membership, Role, Stops, Team


class TeamShown(serializers.ModelSerializer[Team]):
    class Meta:
        model = Team
        fields = ["id", "name", "slug", "version"]


class MeShown(serializers.Serializer[Any]):
    team = TeamShown()
    user_id = serializers.IntegerField(allow_null=True)
    token_id = serializers.IntegerField(allow_null=True)
    role = serializers.ChoiceField(Role.choices)
    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPES))
    can_approve = serializers.BooleanField()
    can_comment = serializers.BooleanField()
    can_see_costs = serializers.BooleanField()


class Me(api.Door[Team]):
    """Whom this token acts for, and what it may do."""

    serializer_class = MeShown

    def get(self, request: Request) -> Response:
        by = self.by
        return Response(
            {
                "team": TeamShown(team_for_view(by, by.team_id)).data,
                "user_id": by.user_id,
                "token_id": by.token_id,
                "role": by.role,
                "scopes": sorted(SCOPES if by.scopes is None else by.scopes),
                "can_approve": by.may_approve,
                "can_comment": by.can_comment,
                "can_see_costs": by.can_see_costs,
            }
        )


class MemberShown(serializers.ModelSerializer[Membership]):
    user_id = serializers.IntegerField()
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    joined_at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Membership
        fields = [
            "id",
            "user_id",
            "email",
            "name",
            "role",
            "can_approve",
            "can_comment",
            "can_see_costs",
            "joined_at",
            "version",
        ]


class MemberChange(api.Input):
    role = api.Choice(Role.choices)
    can_approve = api.Flag()
    can_comment = api.Flag()
    can_see_costs = api.Flag()


class _Members(api.Door[Membership]):
    resource = "team"
    serializer_class = MemberShown
    input_class = MemberChange

    def rows(self) -> QuerySet[Membership]:
        return Membership.objects.filter(team_id=self.by.team_id).select_related("user")


class MemberList(_Members, api.List[Membership]):
    """The people of the team."""


class MemberOne(_Members, api.One[Membership]):
    """A member: their role and rights."""

    @described(MemberChange, MemberShown, summary="Change what a member may do")
    def patch(self, request: Request, pk: int) -> Response:
        member, wanted, version = self.get_object(), self.checked(partial=True), self.seen()
        role = Role(wanted.pop("role", member.role))
        changed = actions.change_role(
            by=self.by, membership=member, role=role, rights=wanted, version=version
        )
        return self.answers(changed)

    @described(None, None, status=204, summary="Take a member out of the team")
    def delete(self, request: Request, pk: int) -> Response:
        member, version = self.get_object(), self.seen()
        actions.remove_member(by=self.by, membership=member, version=version)
        return Response(status=204)


class InvitationShown(serializers.ModelSerializer[Invitation]):
    class Meta:
        model = Invitation
        fields = [
            "id",
            "email",
            "role",
            "can_approve",
            "can_comment",
            "can_see_costs",
            "sent",
            "expires_at",
            "created_at",
        ]


class InvitationNew(api.Input):
    email = serializers.EmailField()
    role = api.Choice(Role.choices)
    can_approve = api.Flag(required=False)
    can_comment = api.Flag(required=False)
    can_see_costs = api.Flag(required=False)


class _Invitations(api.Door[Invitation]):
    resource = "team"
    right = "may_admin"
    serializer_class = InvitationShown
    input_class = InvitationNew

    def rows(self) -> QuerySet[Invitation]:
        return Invitation.objects.open().filter(team_id=self.by.team_id)


class InvitationList(_Invitations, api.List[Invitation]):
    """Invitations that are neither accepted nor revoked. The link goes out by mail alone."""

    @described(InvitationNew, InvitationShown, status=201, summary="Invite a person by mail")
    def post(self, request: Request) -> Response:
        wanted = self.checked()
        email, role = wanted.pop("email"), Role(wanted.pop("role"))
        return self.makes(
            lambda: invitations.invite(by=self.by, email=email, role=role, rights=wanted)[0]
        )


class InvitationOne(_Invitations, api.One[Invitation]):
    """An invitation."""

    @described(None, None, status=204, summary="Take an invitation back")
    def delete(self, request: Request, pk: int) -> Response:
        invitations.revoke(by=self.by, invitation=self.get_object())
        return Response(status=204)


class TokenShown(serializers.ModelSerializer[ApiToken]):
    begins_with = serializers.CharField(source="shown")

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "begins_with",
            "scopes",
            "created_by_id",
            "created_at",
            "expires_at",
            "last_used_at",
        ]


class _Tokens(api.Door[ApiToken]):
    resource = "team"
    serializer_class = TokenShown

    def rows(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.usable().filter(team_id=self.by.team_id)


class TokenList(_Tokens, api.List[ApiToken]):
    """The usable tokens of the team; their secrets were shown once, when they were made.

    They are made by a person, on the page of tokens or with `manage.py api_token`.
    """


class TokenOne(_Tokens, api.One[ApiToken]):
    """A token."""

    @described(None, None, status=204, summary="Revoke a token")
    def delete(self, request: Request, pk: int) -> Response:
        tokens.revoke_token(by=self.by, token=self.get_object())
        return Response(status=204)


class BrakeShown(serializers.ModelSerializer[Brake]):
    is_everywhere = serializers.BooleanField()
    told = serializers.SerializerMethodField()

    class Meta:
        model = Brake
        fields = ["id", "what", "why", "is_everywhere", "is_operators", "since", "told"]

    def get_told(self, brake: Brake) -> str:
        return brakes.sentence(brake)


class BrakePull(api.Input):
    what = api.Choice(Stops.choices)
    why = api.Text(max_length=300, allow_blank=True, required=False)


class _Brakes(api.Door[Brake]):
    resource = "team"
    right = "may_admin"
    serializer_class = BrakeShown
    input_class = BrakePull

    def rows(self) -> QuerySet[Brake]:
        return Brake.objects.over(self.by.team_id)


class BrakeList(_Brakes, api.List[Brake]):
    """The brakes that hold for the team now: what they stop goes on once they are released."""

    @described(BrakePull, BrakeShown, status=201, summary="Stop all spending or all publishing")
    def post(self, request: Request) -> Response:
        wanted = self.checked()
        return self.makes(lambda: brakes.pull(by=self.by, **wanted))


class BrakeOne(_Brakes, api.One[Brake]):
    """A brake that is on."""

    @described(None, None, status=204, summary="Release a brake")
    def delete(self, request: Request, pk: int) -> Response:
        brakes.release(by=self.by, brake=self.get_object())
        return Response(status=204)
