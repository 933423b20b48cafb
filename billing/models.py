from django.db import models

from teams.access import TeamQuerySet
from teams.models import Team


class HoldState(models.TextChoices):
    OPEN = "open"
    SETTLED = "settled"
    REFUNDED = "refunded"


class Doubt(models.TextChoices):
    """Whether what a hold has bought is known. Only an open doubt is asked about."""

    NONE = "none"
    OPEN = "open"  # given up: booked in full
    ACCEPTED = "accepted"  # a person said: buy it again all the same
    CLEARED = "cleared"  # learnt after all, and corrected


IN_DOUBT = (Doubt.OPEN, Doubt.ACCEPTED)


class Hold(models.Model):
    """Money set aside before something is bought, until it is settled or refunded."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="holds")
    video_id = models.BigIntegerField(db_index=True)  # no FK: the row must outlive the video
    run_id = models.BigIntegerField(db_index=True)
    fence = models.PositiveIntegerField(  # of the run: whose lease stands behind it
        default=0, db_default=0
    )
    stage = models.CharField(max_length=40, blank=True, db_default="")
    part = models.CharField(max_length=60, blank=True, db_default="")
    provider = models.CharField(max_length=80, blank=True, db_default="")
    request = models.CharField(  # equal at every attempt at a part
        max_length=100, blank=True, db_default=""
    )
    is_repeatable = models.BooleanField(  # the same request again is not billed again
        default=False, db_default=False
    )
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=HoldState, default=HoldState.OPEN)
    doubt = models.CharField(
        max_length=10, choices=Doubt, default=Doubt.NONE, db_default=Doubt.NONE
    )
    asked_video_id = models.BigIntegerField(null=True, blank=True)  # it waits for a person's word
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet["Hold"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_micros__gte=0), name="hold_not_below_0"
            ),
            models.UniqueConstraint(
                fields=["team", "request"],
                condition=models.Q(doubt__in=IN_DOUBT, is_repeatable=True) & ~models.Q(request=""),
                name="doubt_once_a_request",
            ),
        ]
        indexes = [
            models.Index(
                fields=["run_id", "fence"],
                condition=models.Q(state=HoldState.OPEN),
                name="hold_open_by_run",
            ),
            models.Index(
                fields=["team", "request"],
                condition=models.Q(doubt__in=IN_DOUBT),
                name="hold_in_doubt",
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} ({self.state})"


class CostEntry(models.Model):
    """One thing bought. Entries are never changed: a correction is a new one."""

    class Kind(models.TextChoices):
        USAGE = "usage"
        UNKNOWN = "unknown"  # the outcome was never learnt: booked at its worst case
        CORRECTION = "correction"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="cost_entries")
    video_id = models.BigIntegerField(db_index=True)  # no FK: the row must outlive the video
    run_id = models.BigIntegerField()
    stage = models.CharField(max_length=40)
    part = models.CharField(max_length=60)
    provider = models.CharField(max_length=80)
    request = models.CharField(  # of unknown ones, corrections, and what is billed once
        max_length=100, blank=True, db_default=""
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.USAGE)
    unit = models.CharField(max_length=20)
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet["CostEntry"].as_manager()

    class Meta:
        verbose_name_plural = "cost entries"
        indexes = [
            models.Index(
                fields=["team", "request"],
                condition=~models.Q(request=""),
                name="entry_by_request",
            ),
            models.Index(fields=["at"], name="entry_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "request"],
                condition=models.Q(kind="usage") & ~models.Q(request=""),
                name="usage_once_a_request",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.quantity} {self.unit}"
