from typing import TypeVar, cast

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Value
from django.db.models.functions import Concat, Now, StrIndex

M = TypeVar("M", bound=models.Model)


def asked_by_runs(rows: type[M]) -> "models.QuerySet[M, M]":
    """For a subquery of runs: the rows of all providers that a run asks."""
    asked = Concat(Value(" "), OuterRef("provider"), Value(" "))
    mine = Concat(Value(" "), F("provider"), Value(" "))
    found = rows._default_manager.alias(place=StrIndex(asked, mine)).filter(place__gt=0)
    return cast("models.QuerySet[M, M]", found)


class ProviderLimit(models.Model):
    """A provider that may only do so much at once or in a minute, over all machines. No row: no
    limit."""

    provider = models.CharField(max_length=60, unique=True)
    most = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    running = models.PositiveIntegerField(default=0, editable=False)
    minute = models.DateTimeField(null=True, editable=False)  # in which `asked` were sent
    asked = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    def __str__(self) -> str:
        return f"{self.provider}: {self.running} of {self.most}"


class ProviderRest(models.Model):
    """A provider that failed, how often in a row, and until when it is left alone."""

    provider = models.CharField(max_length=60, unique=True)
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)
    # as it began to rest: who waits for it is let in, to go there
    has_stand_in = models.BooleanField(default=False, db_default=False)
    why = models.CharField(max_length=400, blank=True)
    # after its rest: the run whose request finds out, by whose lease the others wait
    probed_by = models.BigIntegerField(null=True, blank=True, editable=False)
    probed_fence = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    def __str__(self) -> str:
        return f"{self.provider}: {self.failures} failures in a row"


class Kind(models.TextChoices):
    """Of providers that one may stand in for another."""

    SCRIPT = "script"
    VOICE = "voice"
    IMAGE = "image"
    FOOTAGE = "footage"
    CLIP = "clip"


def known_provider(name: str) -> None:
    if not name.partition(":")[0]:
        raise ValidationError("Write a vendor, vendor:model or engine:voice.")


class RouteStep(models.Model):
    """Who takes over for whom: of a kind, in this order."""

    kind = models.CharField(max_length=10, choices=Kind)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200, validators=[known_provider])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "position"], name="route_place_once"),
            models.UniqueConstraint(fields=["kind", "name"], name="route_name_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position}: {self.name}"


def held_up() -> Q:
    """For a subquery of runs: a provider that rests at this moment, with nobody to go to."""
    return Q(rests_until__gt=Now(), has_stand_in=False)
