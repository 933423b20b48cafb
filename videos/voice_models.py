from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from teams.access import TeamQuerySet
from teams.models import Team


class VoiceCategory(models.TextChoices):
    PREMADE = "premade", "ready made"
    CLONED = "cloned", "copy of a person’s voice"
    PROFESSIONAL = "professional", "trained copy of a person’s voice"
    GENERATED = "generated", "invented"
    OWN = "own", "of a speech server of one’s own"


COPIES = (VoiceCategory.CLONED, VoiceCategory.PROFESSIONAL)
FOR_ALL = (VoiceCategory.PREMADE, VoiceCategory.OWN)  # the others were made in the account


class VendorVoiceQuerySet(models.QuerySet["VendorVoice"]):
    def open_to(self, team_id: int) -> Self:
        """What is for all, and what was made in the account where it is assigned to this team. The
        only team of an installation has everything; 0 is no team."""
        mine = VendorVoice.teams.through.objects.filter(vendorvoice=OuterRef("pk"), team=team_id)
        others = Team.objects.exclude(pk=team_id)
        return self.filter(Q(category__in=FOR_ALL) | Exists(mine) | ~Exists(others))

    def named(self, full_name: str) -> Self:
        vendor, _, voice_id = full_name.partition(":")
        return self.filter(vendor=vendor, voice_id=voice_id)


class VendorVoice(models.Model):
    """A voice that an account of this installation may use, as its vendor last listed it."""

    vendor = models.CharField(max_length=40)  # as the provider is registered: `elevenlabs`
    voice_id = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    languages = models.JSONField(default=list)  # tags such as `en` or `pt-br`
    category = models.CharField(max_length=20, choices=VoiceCategory)
    about = models.CharField(max_length=300, blank=True)
    preview_url = models.CharField(max_length=2000, blank=True)
    is_gone = models.BooleanField(default=False)  # not in the last list any more
    listed_at = models.DateTimeField(db_default=Now())
    teams = models.ManyToManyField(Team, blank=True, related_name="vendor_voices")

    objects = VendorVoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "voice_id"], name="vendor_voice_once")
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.vendor}:{self.voice_id}"

    @property
    def is_copy(self) -> bool:
        return self.category in COPIES

    @property
    def is_for_all(self) -> bool:
        """Whether every team may use it, without being assigned to it."""
        return self.category in FOR_ALL


class VoiceConsent(models.Model):
    """A person agreed that a team speaks with a copy of their voice. Kept when it is withdrawn."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="voice_consents")
    voice = models.CharField(max_length=101)  # `vendor:voice_id`, which may outlive the list
    voice_name = models.CharField(max_length=200)
    person = models.CharField(max_length=200)  # whose voice it is
    statement = models.PositiveSmallIntegerField()  # the version that was agreed to
    recorded_by_id = models.BigIntegerField(null=True)  # None: a command
    recorded_by = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(db_default=Now())
    withdrawn_by_id = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = TeamQuerySet["VoiceConsent"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "voice"],
                condition=Q(withdrawn_at=None),
                name="voice_consent_stands_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.voice_name}"


class VendorAnswer(models.Model):
    """To whose request an answer was given that its vendor keeps: nobody else may adopt it."""

    vendor = models.CharField(max_length=40)
    answer = models.CharField(max_length=100)
    request = models.CharField(max_length=100)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "answer"], name="vendor_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.answer}"
