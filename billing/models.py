from datetime import date

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.expected import Estimate as Estimate
from billing.price_book import Per as Per
from billing.price_book import Price as Price
from billing.price_book import Rate as Rate
from billing.price_book import Unit as Unit
from config.kit.database import Began
from teams.access import TeamQuerySet
from teams.models import Team

EVER = date(1970, 1, 1)  # where the window of a budget in all begins


class Scope(models.TextChoices):
    """What a budget is for, the narrowest first."""

    CALL = "call", "each paid request"
    VIDEO = "video", "a video"
    BATCH = "batch", "a batch"
    CHANNEL = "channel", "a channel"
    TEAM = "team", "the whole team"


class Window(models.TextChoices):
    """Over what time its spending is counted; days and months of UTC."""

    DAY = "day", "a day"
    MONTH = "month", "a month"
    TOTAL = "total", "in all"


class Budget(models.Model):
    """How much may be spent; nothing is bought that could pass it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="budgets")
    scope = models.CharField(max_length=10, choices=Scope)
    subject_id = models.BigIntegerField(default=0, db_default=0)  # 0: each one of its kind
    window = models.CharField(max_length=10, choices=Window, default=Window.MONTH)
    limit_micros = models.BigIntegerField(validators=[MinValueValidator(1)])
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet["Budget"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "scope", "subject_id", "window"], name="budget_once"
            ),
            models.CheckConstraint(condition=Q(limit_micros__gt=0), name="budget_above_0"),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}, {self.get_window_display()}"


class Balance(models.Model):
    """What one subject of a budget has set aside and spent in one window."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="balances")
    subject_id = models.BigIntegerField()
    starts = models.DateField()  # the window's first day
    limit_micros = models.BigIntegerField()  # the budget's, so that one statement looks and moves
    held_micros = models.BigIntegerField(default=0, db_default=0)
    spent_micros = models.BigIntegerField(default=0, db_default=0)
    told_percent = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "subject_id", "starts"], name="balance_once_a_window"
            ),
            models.CheckConstraint(
                condition=Q(held_micros__gte=0), name="balance_held_not_below_0"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id}/{self.subject_id} from {self.starts}"


class Parked(models.Model):
    """A video that waits until a budget has room for its next step."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    video_id = models.BigIntegerField(unique=True)
    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="parked")
    subject_id = models.BigIntegerField()
    amount_micros = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"video {self.video_id} waits for budget {self.budget_id}"


class CommitmentState(models.TextChoices):
    OPEN = "open"
    RELEASED = "released"


class Commitment(models.Model):
    """What a batch may cost, set aside before its first run: holds of its runs take from it."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="commitments")
    batch_id = models.BigIntegerField()  # no FK: the row must outlive the batch
    channel_id = models.BigIntegerField(default=0, db_default=0)  # 0: of several channels
    balances = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    amount_micros = models.BigIntegerField()
    left_micros = models.BigIntegerField()  # neither held nor spent; of a released one: given back
    state = models.CharField(max_length=10, choices=CommitmentState, default=CommitmentState.OPEN)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = TeamQuerySet["Commitment"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "batch_id"],
                condition=Q(state=CommitmentState.OPEN),
                name="commitment_once_a_batch",
            ),
            models.CheckConstraint(
                condition=Q(left_micros__gte=0, left_micros__lte=models.F("amount_micros")),
                name="commitment_left_within",
            ),
        ]

    def __str__(self) -> str:
        return f"commitment {self.pk} of batch {self.batch_id} ({self.state})"


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
    channel_id = models.BigIntegerField(default=0, db_default=0)
    batch_id = models.BigIntegerField(default=0, db_default=0)
    balances = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    commitment_id = models.BigIntegerField(  # it took from; no FK: of many holds few have one
        null=True, blank=True
    )
    run_id = models.BigIntegerField(db_index=True)
    fence = models.PositiveIntegerField(  # of the run: whose lease stands behind it
        default=0, db_default=0
    )
    stage = models.CharField(max_length=40, blank=True, db_default="")
    part = models.CharField(max_length=60, blank=True, db_default="")
    provider = models.CharField(max_length=200, blank=True, db_default="")
    request = models.CharField(  # equal at every attempt at a part
        max_length=100, blank=True, db_default=""
    )
    job = models.CharField(  # as its vendor names what was bought; empty while nobody knows
        max_length=100, blank=True, db_default=""
    )
    is_another = models.BooleanField(  # apart from what was bought by the same request before
        default=False, db_default=False
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
    created_at = models.DateTimeField(db_default=Began(), editable=False)

    objects = TeamQuerySet["Hold"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="hold_not_below_0"),
            models.UniqueConstraint(
                fields=["team", "request", "job"],
                condition=Q(doubt__in=IN_DOUBT, is_repeatable=True, is_another=False)
                & ~Q(request=""),
                name="doubt_once_a_job",
            ),
        ]
        indexes = [
            models.Index(
                fields=["run_id", "fence"],
                condition=Q(state=HoldState.OPEN),
                name="hold_open_by_run",
            ),
            models.Index(
                fields=["team", "request"],
                condition=Q(doubt__in=IN_DOUBT),
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
    channel_id = models.BigIntegerField(default=0, db_default=0)
    batch_id = models.BigIntegerField(default=0, db_default=0)
    run_id = models.BigIntegerField()
    stage = models.CharField(max_length=40)
    part = models.CharField(max_length=60)
    provider = models.CharField(max_length=200)
    request = models.CharField(  # of unknown ones, corrections, and what is billed once
        max_length=100, blank=True, db_default=""
    )
    job = models.CharField(max_length=100, blank=True, db_default="")  # as the hold's
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.USAGE)
    model = models.CharField(max_length=200, blank=True, db_default="")
    unit = models.CharField(max_length=20)
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    # as the vendor bills it, where that is another currency, and the conversion: fixed for good
    charged_micros = models.BigIntegerField(null=True)
    charged_currency = models.CharField(max_length=3, blank=True, db_default="")
    rate = models.DecimalField(max_digits=18, decimal_places=9, default=1, db_default=1)
    price_id = models.BigIntegerField(null=True)  # no FK: prices come and go
    at = models.DateTimeField(db_default=Began(), editable=False)  # on this day it counts

    objects = TeamQuerySet["CostEntry"].as_manager()

    class Meta:
        verbose_name_plural = "cost entries"
        indexes = [
            models.Index(
                fields=["team", "request"],
                condition=~Q(request=""),
                name="entry_by_request",
            ),
            models.Index(fields=["at"], name="entry_by_time"),
            models.Index(fields=["team", "at"], name="entry_by_team_and_time"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "request", "job"],
                condition=Q(kind="usage") & ~Q(request=""),
                name="usage_once_a_job",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.quantity} {self.unit}"
