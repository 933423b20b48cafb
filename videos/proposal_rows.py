"""Other words for a scene, as a paid writer proposes them: nothing changes until a person takes
them."""

from typing import Self

from django.db import models
from django.db.models.functions import Now

from config.kit.rows import storable
from teams.access import TeamQuerySet
from teams.models import Team

STAGE = "proposal"  # in the ledger: the run of no stage


class ProposalState(models.TextChoices):
    PRICED = "priced", "Waits for a yes to its price"
    WAITING = "waiting", "Waits for a worker"
    ASKED = "asked", "The writer was asked"
    READY = "ready", "Waits for a person's word"
    FAILED = "failed"
    TAKEN = "taken"
    DROPPED = "dropped"


OPEN = (ProposalState.WAITING, ProposalState.ASKED, ProposalState.READY)


class ProposalQuerySet(TeamQuerySet["Proposal"]):
    def open_of(self, video_id: int) -> Self:
        """What waits for a worker, a writer or a person's word; the latest last."""
        return self.filter(video=video_id, state__in=OPEN).order_by("id")

    def asking(self, provider: str) -> Self:
        """Those that a writer is asked for now. `provider` is `script:vendor`."""
        kind, _, vendor = provider.partition(":")
        asked = self.filter(state=ProposalState.ASKED, writer__startswith=f"{vendor}:")
        return asked if kind == "script" else self.none()

    def overdue(self) -> Self:
        return self.filter(state=ProposalState.ASKED, lease_until__lt=Now())


class Proposal(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="proposals")
    video = models.ForeignKey("videos.Video", on_delete=models.CASCADE, related_name="proposals")
    uid = models.CharField(max_length=8)  # of the scene
    instruction = models.CharField(max_length=300, validators=[storable])
    writer = models.CharField(max_length=100)
    was_narration = models.TextField()  # what it was asked for; other words meanwhile win
    # of the narration, what alone is to be said otherwise; empty: the whole scene
    line = models.TextField(blank=True, default="", db_default="")
    line_at = models.PositiveIntegerField(default=0, db_default=0)  # its first character
    was_headline = models.CharField(max_length=200, blank=True)
    narration = models.TextField(blank=True)
    headline = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PRICED)
    reason = models.TextField(blank=True)
    expected_micros = models.BigIntegerField(default=0)
    most_micros = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "lease_until"], name="proposal_due")]

    def __str__(self) -> str:
        return f"{self.uid} of {self.video_id}: {self.instruction[:40]}"

    @property
    def provider(self) -> str:
        return f"script:{self.writer.partition(':')[0]}"

    @property
    def request(self) -> str:
        """By which it is bought, and its answer kept."""
        return f"{self.team_id}-{STAGE}-{self.pk}"
