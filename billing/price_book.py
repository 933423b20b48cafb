from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from config.kit.money import shown

CODE = RegexValidator(r"^[A-Z]{3}\Z", "Write an ISO 4217 code such as EUR.")


class Unit(models.TextChoices):
    """What is counted. Tokens that a vendor kept from an earlier request are `tokens_cached`, those
    that it keeps for a later one `tokens_written`."""

    TOKENS_IN = "tokens_in", "tokens in"
    TOKENS_OUT = "tokens_out", "tokens out"
    TOKENS_CACHED = "tokens_cached", "tokens read from the cache"
    TOKENS_WRITTEN = "tokens_written", "tokens written to the cache"
    CHARACTERS = "characters", "characters"
    SECONDS = "seconds", "seconds"
    IMAGES = "images", "images"
    BYTES = "bytes", "bytes"
    CALLS = "calls", "requests"
    MACHINE_SECONDS = "machine_seconds", "seconds of the vendor's machines"
    RENDER_SECONDS = "render_seconds", "seconds of our own processors"


class Per(models.IntegerChoices):
    ONE = 1, "1"
    THOUSAND = 1_000, "1,000"
    MILLION = 1_000_000, "1,000,000"


class Price(models.Model):
    """What a unit costs from a moment on, until a later row for the same takes its place.

    Without a model it holds for every model of the vendor that has no row of its own. Without a
    vendor it is the worst case: what a unit is taken to cost whose price nobody has entered.
    """

    provider = models.CharField(
        "vendor", max_length=40, blank=True, help_text="Such as openai. Empty: the worst case."
    )
    model = models.CharField(
        max_length=200, blank=True, help_text="Empty: all models of the vendor without a row."
    )
    unit = models.CharField(max_length=20, choices=Unit)
    per = models.PositiveIntegerField(choices=Per, default=Per.ONE)
    amount_micros = models.BigIntegerField()
    currency = models.CharField(max_length=3, default="USD", validators=[CODE])
    # said, since a price of zero is mostly a mistake
    is_free = models.BooleanField("costs nothing", default=False)
    valid_from = models.DateTimeField(db_default=Now())
    is_seeded = models.BooleanField(default=False, editable=False)  # came with the program
    note = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "model", "unit", "valid_from"], name="price_once_a_moment"
            ),
            models.CheckConstraint(
                condition=Q(is_free=True, amount_micros=0) | Q(is_free=False, amount_micros__gt=0),
                name="price_above_0_or_free",
                violation_error_message=(
                    "A price is above zero. What costs nothing is marked as free instead."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(provider="") | Q(model=""), name="price_model_has_a_vendor"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.provider, self.model, self.unit) if part)

    @property
    def shown(self) -> str:
        return shown(self.amount_micros, self.currency)


class Rate(models.Model):
    """How many dollars one unit of a currency is, from a moment on."""

    currency = models.CharField(max_length=3, validators=[CODE])
    rate = models.DecimalField(
        max_digits=18, decimal_places=9, validators=[MinValueValidator(Decimal("0.000000001"))]
    )
    valid_from = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["currency", "valid_from"], name="rate_once_a_moment"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="rate_above_0"),
            models.CheckConstraint(condition=~Q(currency="USD"), name="rate_of_another_currency"),
        ]

    def __str__(self) -> str:
        return f"1 {self.currency} = {self.rate.normalize():f} USD"
