from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from config.kit.sealed import SealedField

METHOD = RegexValidator(r"^[a-zA-Z]+\.[a-zA-Z]+\Z", "Write a method as videos.insert.")


class Consent(models.TextChoices):
    """What the consent screen of the project says; Google ends refresh tokens of `testing` after
    seven days (developers.google.com/identity/protocols/oauth2, "Refresh token expiration")."""

    TESTING = "testing", "Testing: connections end after 7 days"
    PRODUCTION = "production", "In production"
    INTERNAL = "internal", "Internal to one Workspace"


class GoogleProject(models.Model):
    """The one project at Google by which this installation asks YouTube. The terms of its API allow
    no second one for the same service (YouTube API Services Developer Policies, III.D.1.c)."""

    client_id = models.CharField(max_length=200)
    client_secret = SealedField()
    consent_status = models.CharField(
        max_length=12, choices=Consent, default=Consent.TESTING, db_default=Consent.TESTING
    )
    is_active = models.BooleanField(default=False, db_default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"],
                condition=Q(is_active=True),
                name="google_project_one_active",
                violation_error_message="Another project is in use, and YouTube's terms allow one: "
                "switch that one off first.",
            )
        ]

    def __str__(self) -> str:
        return self.client_id


class QuotaBucket(models.Model):
    """Calls that count together at Google, and how many units a day it gives for them."""

    name = models.SlugField(max_length=20, unique=True)
    title = models.CharField(max_length=60)
    units_a_day = models.PositiveIntegerField(
        help_text="As the console of the Google project shows it."
    )
    kept_percent = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        validators=[MaxValueValidator(90)],
        help_text="Kept for what people do by hand; publications leave it alone.",
    )
    is_seeded = models.BooleanField(default=False, editable=False)  # came with the program

    def __str__(self) -> str:
        return self.title

    @property
    def units_for_machines(self) -> int:
        return self.units_a_day - self.units_a_day * self.kept_percent // 100


class QuotaRule(models.Model):
    """What one call of a method costs from a day on, until a later row for it takes its place."""

    method = models.CharField(max_length=60, validators=[METHOD])
    bucket = models.ForeignKey(QuotaBucket, on_delete=models.PROTECT, related_name="rules")
    cost = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    valid_from = models.DateField(help_text="A day in California, where Google counts.")
    is_seeded = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "valid_from"], name="quota_rule_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.method}: {self.cost}"


class QuotaDay(models.Model):
    """How much of a bucket one day of California has taken."""

    bucket = models.ForeignKey(QuotaBucket, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    spent = models.PositiveIntegerField(default=0, db_default=0)
    reserved = models.PositiveIntegerField(default=0, db_default=0)
    # Google said so, whatever we have counted: something else asks with the same project
    is_used_up = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bucket", "day"], name="quota_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bucket_id} {self.day}"


class Use(models.TextChoices):
    RESERVED = "reserved"
    SPENT = "spent"
    RELEASED = "released"


class QuotaLedger(models.Model):
    """One call: reserved before it is made, spent when it was, released when it never left."""

    day = models.ForeignKey(QuotaDay, on_delete=models.CASCADE, related_name="calls")
    request = models.CharField(max_length=120, unique=True)
    method = models.CharField(max_length=60)
    units = models.PositiveIntegerField()
    channel_id = models.BigIntegerField(default=0, db_index=True)  # 0: for none, or not known yet
    state = models.CharField(max_length=10, choices=Use, default=Use.RESERVED)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=Q(state="reserved"), name="quota_call_under_way")
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.state}"
