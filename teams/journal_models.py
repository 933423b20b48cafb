"""Rows of what is told: the journal and who reads it, notifications, webhooks and deliveries.

Part of teams.models, from where they are imported.
"""

import uuid
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

from config.kit.cache import CachedQuerySet, invalidate_cache_on_update
from config.kit.rows import storable
from config.kit.sealed import SealedField


class TeamJournal(models.Model):
    """The head of a team's journal: the number of its last event."""

    team = models.OneToOneField(
        "teams.Team", on_delete=models.CASCADE, primary_key=True, related_name="journal"
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
    team = models.ForeignKey("teams.Team", on_delete=models.CASCADE, related_name="cursors")
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

    team = models.ForeignKey("teams.Team", on_delete=models.CASCADE, related_name="events")
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

    team = models.ForeignKey("teams.Team", on_delete=models.CASCADE, related_name="webhooks")
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
            models.Index(fields=["webhook"], condition=Q(state="sending"), name="delivery_sending"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.webhook_id}"


class NoticeKind(models.TextChoices):
    """What a person may be told of, in the order in which their settings name it."""

    VIDEO_FAILED = "video_failed", "A video failed"
    VIDEO_BLOCKED = "video_blocked", "A video is blocked"
    VIDEO_REVIEW = "video_review", "A video waits for review"
    VIDEO_PUBLISHED = "video_published", "A video was published"
    BUDGET_REACHED = "budget_reached", "A budget is used up to 50, 80 or 100 %"
    MENTIONED = "mentioned", "Somebody mentions you"
    MEMBER_JOINED = "member_joined", "A person joins the team"
    BRAKE_PULLED = "brake_pulled", "Spending or publishing is stopped"
    WEBHOOK_DISABLED = "webhook_disabled", "A webhook was switched off"
    CHANNEL_RECONNECT = "channel_reconnect", "A channel has to be connected again"


class NotificationQuerySet(CachedQuerySet["Notification"]):
    def of(self, user_id: int | None, team_id: int) -> "NotificationQuerySet":
        """What a person sees; what they wanted by mail alone is not among it."""
        return self.filter(user=user_id or 0, team=team_id, is_shown=True)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)


@invalidate_cache_on_update(unseen=("mail_due_at", "mailed_at"))
class Notification(models.Model):
    """What one person is told, in the studio, by mail or both."""

    team = models.ForeignKey("teams.Team", on_delete=models.CASCADE, related_name="notifications")
    user = models.ForeignKey("teams.User", on_delete=models.CASCADE, related_name="notifications")
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

    user = models.ForeignKey("teams.User", on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=30, choices=NoticeKind)
    in_app = models.BooleanField()
    by_mail = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"
