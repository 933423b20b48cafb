import uuid
from typing import ClassVar
from urllib.parse import urlsplit

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower, Now

from config.kit.cache import CachedQuerySet, invalidate_cache_on_update
from config.kit.rows import storable
from config.kit.sealed import SealedField


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


class TeamJournal(models.Model):
    """The head of a team's journal: the number of its last event."""

    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, primary_key=True, related_name="journal"
    )
    seq = models.BigIntegerField(default=0)
    # the event with which the listeners were last woken, until they begin to read; 0: they sleep
    wake_seq = models.BigIntegerField(default=0, db_default=0)
    hears = models.TextField(default="", db_default="", blank=True)  # kinds, commas between

    def __str__(self) -> str:
        return f"{self.team_id} at {self.seq}"


class ListenerCursor(models.Model):
    """How far one listener has read in one team's journal."""

    listener = models.CharField(max_length=100)  # the dotted path of its handler
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="cursors")
    seq = models.BigIntegerField()
    attempt = models.PositiveIntegerField(default=0)  # failures since it last went on
    due_at = models.DateTimeField(null=True, blank=True)  # None: now
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listener", "team"], name="cursor_once_per_team")
        ]

    def __str__(self) -> str:
        return f"{self.listener} of {self.team_id} at {self.seq}"


class Event(models.Model):
    """One line of the journal; `seq` has no gaps within a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="events")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "seq"], name="event_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Webhook(models.Model):
    """Where a team's events are sent, signed by Standard Webhooks."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=2000, validators=[storable])
    kinds = models.JSONField(default=list, blank=True)  # of events; none: all of them
    secret = SealedField()
    old_secret = SealedField(default="", blank=True)  # signs as well until `old_until`
    old_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=300, blank=True)
    since_seq = models.BigIntegerField(default=0)  # it hears what comes after this event
    failing_since = models.DateTimeField(null=True, blank=True)  # since then nothing was taken
    failures = models.PositiveIntegerField(default=0)  # in a row
    rests_until = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["team"], condition=Q(is_active=True), name="webhook_on")]

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """All that is told of its address where not only admins read."""
        return urlsplit(self.url).hostname or ""


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(models.Model):
    """One event on its way to one webhook."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # the webhook-id
    event_seq = models.BigIntegerField(null=True, blank=True)  # None: a test
    kind = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    response = models.TextField(blank=True)  # its beginning
    error = models.CharField(max_length=300, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_seq"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="delivery_due",
            ),
            models.Index(fields=["ended_at"], name="delivery_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook_id}"


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


class NoticeKind(models.TextChoices):
    """What a person may be told of, in the order in which their settings name it."""

    VIDEO_FAILED = "video_failed", "A video failed"
    VIDEO_BLOCKED = "video_blocked", "A video is blocked"
    VIDEO_REVIEW = "video_review", "A video waits for review"
    VIDEO_PUBLISHED = "video_published", "A video was published"
    MENTIONED = "mentioned", "Somebody mentions you"
    MEMBER_JOINED = "member_joined", "A person joins the team"
    BRAKE_PULLED = "brake_pulled", "Spending or publishing is stopped"
    WEBHOOK_DISABLED = "webhook_disabled", "A webhook was switched off"


class NotificationQuerySet(CachedQuerySet["Notification"]):
    def of(self, user_id: int | None, team_id: int) -> "NotificationQuerySet":
        """What a person sees; what they wanted by mail alone is not among it."""
        return self.filter(user=user_id or 0, team=team_id, is_shown=True)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)


@invalidate_cache_on_update(unseen=("mail_due_at", "mailed_at"))
class Notification(models.Model):
    """What one person is told, in the studio, by mail or both."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="notifications")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=30, choices=NoticeKind)
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=200)  # a path of this site
    event_seq = models.BigIntegerField()  # in the team's journal
    is_shown = models.BooleanField(default=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)  # None: no mail, or it has left
    mailed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team", "event_seq", "kind"], name="notification_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["user", "team"], condition=Q(read_at=None), name="notification_unread"
            ),
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
                name="notification_mail_due",
            ),
            models.Index(
                fields=["user", "mailed_at"],
                condition=Q(mailed_at__isnull=False),
                name="notification_mailed",
            ),
            models.Index(fields=["created_at"], name="notification_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"


class NoticeChoice(models.Model):
    """How a person wants to be told of a kind, where it is not as usual."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=30, choices=NoticeKind)
    in_app = models.BooleanField()
    by_mail = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
