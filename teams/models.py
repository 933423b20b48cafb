from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower, Now

from config.kit.cache import CachedQuerySet, invalidate_cache_on_update
from config.kit.rows import storable
from teams.journal_models import Delivery as Delivery
from teams.journal_models import DeliveryState as DeliveryState
from teams.journal_models import Event as Event
from teams.journal_models import ListenerCursor as ListenerCursor
from teams.journal_models import NoticeChoice as NoticeChoice
from teams.journal_models import NoticeKind as NoticeKind
from teams.journal_models import Notification as Notification
from teams.journal_models import TeamJournal as TeamJournal
from teams.journal_models import Webhook as Webhook


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by the mail address with which they sign in."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.email

    def get_short_name(self) -> str:
        return self.name or self.email

    def get_public_name(self) -> str:
        """For people outside the team: never the mail address."""
        return self.name or "A member"


@invalidate_cache_on_update(team="id")
class Team(models.Model):
    """Who owns channels, videos and money."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    email = models.EmailField()  # where bills and warnings go
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CachedQuerySet["Team"].as_manager()

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


@invalidate_cache_on_update
class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    can_approve = models.BooleanField(default=False)
    can_comment = models.BooleanField(default=True)
    can_see_costs = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CachedQuerySet["Membership"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> "InvitationQuerySet":
        return self.filter(accepted_at=None, revoked_at=None)

    def usable(self) -> "InvitationQuerySet":
        """Still good, and sent by somebody who may invite: who was removed has no way back."""
        vouching = Membership.objects.filter(
            team=OuterRef("team"), user=OuterRef("invited_by"), user__is_active=True
        )
        by_owner = Exists(vouching.filter(role=Role.OWNER))
        by_admin = Exists(vouching.filter(role=Role.ADMIN)) & ~Q(role=Role.OWNER)
        vouched = Q(invited_by=None) | by_owner | by_admin
        return self.open().filter(vouched, expires_at__gt=Now())


class Invitation(models.Model):
    """A link by which a person joins a team. The link itself is kept as a hash."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role, default=Role.EDITOR)
    can_approve = models.BooleanField(default=False)
    can_comment = models.BooleanField(default=True)
    can_see_costs = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    sent = models.PositiveIntegerField(default=1)  # letters
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "team",
                Lower("email"),
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> "ApiTokenQuerySet":
        lasts = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(lasts, revoked_at=None)


class ApiToken(models.Model):
    """A program's key to one team. It acts with the role that its maker has now."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, validators=[storable])
    shown = models.CharField(max_length=20)  # how the secret begins: enough to know it by
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"


class SocketTicket(models.Model):
    """Opens one socket for a program, once and at once."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a socket of token {self.token_id}"


class Stops(models.TextChoices):
    """What a brake stops."""

    SPENDING = "spending"
    PUBLISHING = "publishing"


class BrakeQuerySet(CachedQuerySet["Brake"]):
    def on(self) -> "BrakeQuerySet":
        return self.filter(released_at=None)

    def over(self, team_id: object, what: str = "") -> "BrakeQuerySet":
        """Those that hold for a team, or for the team of an outer row (OuterRef)."""
        found = self.on().filter(Q(team=team_id) | Q(team=None))
        return found.filter(what=what) if what else found


@invalidate_cache_on_update
class Brake(models.Model):
    """One pull of the brake. It is on until it was released, and stays as history."""

    team = models.ForeignKey(  # None: the whole installation
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="brakes"
    )
    what = models.CharField(max_length=12, choices=Stops)
    is_operators = models.BooleanField(default=False)  # the team itself can't release it
    why = models.CharField(max_length=300, blank=True, validators=[storable])
    by_id = models.BigIntegerField(null=True, blank=True)  # None: a command
    since = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by_id = models.BigIntegerField(null=True, blank=True)

    objects = BrakeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "what", "is_operators"],
                condition=Q(released_at=None),
                name="brake_of_team_once",
            ),
            models.UniqueConstraint(
                fields=["what"],
                condition=Q(released_at=None, team=None),
                name="brake_everywhere_once",
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(is_operators=True),
                name="brake_everywhere_is_operators",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.team or 'all teams'}"

    @property
    def is_everywhere(self) -> bool:
        return self.team_id is None
