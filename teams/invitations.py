"""Verbs of invitations: a link by mail, valid for a week, good for one person once."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from config.kit import mail, registry, rows, throttle
from config.kit.database import after, verb
from config.kit.errors import Refused
from teams.access import Actor, Forbidden, team_for_admin
from teams.actions import RIGHTS, UNCHANGED, add_member
from teams.events import News, publish
from teams.models import Invitation, Membership, Role, User

VALID = timedelta(days=7)
DAY_S = 86_400
A_DAY = throttle.Rate(50, DAY_S)  # letters of a team, and of a person over all their teams
TO_ONE = throttle.Rate(5, DAY_S)  # letters to one address, whoever sends them


@dataclass(frozen=True)
class Invited(News):
    kind = "teams.invited"
    invitation_id: int
    email: str
    role: str


@dataclass(frozen=True)
class InvitationRevoked(News):
    kind = "teams.invitation_revoked"
    invitation_id: int


class NotInvited(Refused):
    code = "invitation_not_valid"


class TooManyLetters(Refused):
    code = "too_many_letters"


class MembersFull(Refused):
    code = "members_limit"


@verb
def invite(
    *, by: Actor, email: str, role: Role, rights: Mapping[str, bool] = UNCHANGED
) -> tuple[Invitation, str]:
    """The row, and the link, which is nowhere kept. Raises Refused, Forbidden."""
    team = team_for_admin(by, by.team_id)
    _check_owners(by, role)
    strange = set(rights) - set(RIGHTS)
    if strange:
        raise Refused(f"{min(strange)}: there is no such right.", code="invalid")
    if Membership.objects.filter(team=team, user__email__iexact=email).exists():
        raise Refused("email: this person is in the team already.", code="is_member")
    if Invitation.objects.open().filter(team=team, email__iexact=email).exists():
        raise Refused("email: is invited already. Send it again instead.", code="is_invited")
    _refuse_too_many(by, email)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        team=team,
        email=email,
        role=role,
        sha256=_hashed(secret),
        invited_by_id=by.user_id,
        expires_at=after(VALID),
        **rights,
    )
    rows.refuse_invalid(invitation, unchecked=["expires_at"])
    invitation.save()
    invitation.refresh_from_db()
    publish(team, Invited(invitation.pk, email, role))
    return invitation, _send(invitation, secret)


@verb
def resend(*, by: Actor, invitation: Invitation) -> str:
    """A new link, valid for a week; the old one is void."""
    team_for_admin(by, invitation.team_id)
    _check_owners(by, invitation.role)
    _refuse_too_many(by, invitation.email)
    secret = secrets.token_urlsafe(32)
    kept = Invitation.objects.open().filter(pk=invitation.pk)
    if not kept.update(
        sha256=_hashed(secret),
        expires_at=after(VALID),
        sent=F("sent") + 1,
        invited_by_id=by.user_id,
    ):
        raise NotInvited("This invitation was accepted or revoked meanwhile.")
    invitation.refresh_from_db()
    return _send(invitation, secret)


@verb
def revoke(*, by: Actor, invitation: Invitation) -> None:
    """Doing it again changes nothing."""
    team_for_admin(by, invitation.team_id)
    if Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=Now()):
        publish(invitation.team_id, InvitationRevoked(invitation.pk))


def find(secret: str) -> Invitation:
    """Raises NotInvited for a link that is wrong, used, revoked or too old."""
    found = Invitation.objects.usable().select_related("team", "invited_by")
    invitation = found.filter(sha256=_hashed(secret)).first()
    if invitation is None:
        raise NotInvited(
            "This invitation is not valid any more: it was used, revoked or is older than a week, "
            "or who sent it may not invite any more. "
            "Ask for a new one."
        )
    return invitation


@verb
def accept(*, user: User, invitation: Invitation) -> Membership:
    """The person joins, whatever address they sign in with: who has the link was given it."""
    if Membership.objects.filter(team=invitation.team_id, user=user).exists():
        raise Refused("You are in this team already.", code="is_member")
    if not Invitation.objects.usable().filter(pk=invitation.pk).update(accepted_at=Now()):
        raise NotInvited("This invitation was used or revoked meanwhile.")
    if not all(gate(invitation.team_id, "members", 1) for gate in registry.gate):
        raise MembersFull("This team has as many members as its plan allows.")
    rights = {name: getattr(invitation, name) for name in RIGHTS}
    return add_member(team=invitation.team, user=user, role=Role(invitation.role), rights=rights)


def _check_owners(by: Actor, role: str) -> None:
    if role == Role.OWNER and by.role != Role.OWNER:
        raise Forbidden("Only an owner may invite an owner.")


def _send(invitation: Invitation, secret: str) -> str:
    link = f"{settings.PUBLIC_URL}/invitations/{secret}/"
    by = invitation.invited_by
    context = {
        "team": invitation.team.name,
        "role": invitation.get_role_display(),
        "by": by.get_short_name() if by else "",
        "link": link,
    }
    mail.post(to=invitation.email, letter="invitation", context=context, team_id=invitation.team_id)
    return link


def _refuse_too_many(by: Actor, email: str) -> None:
    """Nobody sends spam through us, and no one is pestered by many teams."""
    senders = [f"invite:team:{by.team_id}", f"invite:person:{by.user_id or 0}"]
    if not all(throttle.take(one, A_DAY).is_allowed for one in senders):
        raise TooManyLetters(f"At most {A_DAY.count} invitations are sent a day: go on tomorrow.")
    if not throttle.take(f"invite:to:{_hashed(email.lower())}", TO_ONE).is_allowed:
        raise TooManyLetters(
            f"email: this address was sent {TO_ONE.count} invitations today: try again tomorrow."
        )


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
