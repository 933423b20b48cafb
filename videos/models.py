import re
from collections.abc import Collection
from functools import cached_property
from typing import Any, Self, cast

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now

from channels_app.models import Channel, Music, language_tag
from config.kit import jobs
from config.kit.cache import invalidate_cache_on_update
from config.kit.rows import storable
from teams.access import Actor, TeamQuerySet
from teams.models import Team
from videos import briefs
from videos.contracts import Brand, Format, Order
from videos.own_files import Asset as Asset
from videos.own_files import AssetKind as AssetKind
from videos.own_files import AssetState as AssetState
from videos.own_files import AssetUpload as AssetUpload
from videos.proposal_rows import Proposal as Proposal
from videos.proposal_rows import ProposalState as ProposalState
from videos.provider_rows import ProviderLimit as ProviderLimit
from videos.provider_rows import ProviderRest as ProviderRest
from videos.provider_rows import RouteStep as RouteStep
from videos.provider_rows import asked_by_runs, held_up
from videos.voice_models import VendorAnswer as VendorAnswer
from videos.voice_models import VendorVoice as VendorVoice
from videos.voice_models import VoiceCategory as VoiceCategory
from videos.voice_models import VoiceConsent as VoiceConsent


class VideoState(models.TextChoices):
    DRAFT = "draft"
    QUEUED = "queued"
    PRODUCING = "producing"
    REVIEW = "review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    UPLOADING = "uploading"
    PROCESSING = "processing"
    PUBLISHED = "published"
    PAUSED = "paused"
    BLOCKED = "blocked"
    FAILED = "failed"
    CANCELLED = "cancelled"


IN_WORK = (VideoState.QUEUED, VideoState.PRODUCING)
HANDED_OVER = (VideoState.SCHEDULED, VideoState.UPLOADING, VideoState.PROCESSING)


class VideoFormat(models.TextChoices):
    SHORT = "short", "Short, 1080x1920"
    LANDSCAPE = "landscape", "Landscape, 1920x1080"
    SQUARE = "square", "Square, 1080x1080"


class SourceKind(models.TextChoices):
    AUTO = "auto", "Found out from the text"
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html", "HTML"
    SCRIPT = "script", "A ready script.json"
    URL = "url", "The address of a page"


class Illustrate(models.TextChoices):
    """What stands behind statements that leave it open; empty: nothing."""

    FOOTAGE = "footage", "Stock footage"
    IMAGE = "image", "Generated pictures"
    CLIP = "clip", "Generated clips"


class Counted(models.TextChoices):
    """How the video stands against the plan of its team."""

    NOT = "not"  # never taken, or given back
    RESERVED = "reserved"
    COMMITTED = "committed"  # it was made once: never given back


SHORTEST_S, LONGEST_S = 5, 3600


def known_music(value: str) -> None:
    if value not in Music.values and not re.fullmatch(r"asset:\d{1,18}", value):
        known = ", ".join(Music.values)
        raise ValidationError(f"Write one of {known}, or asset: and the number of a track.")


class VideoQuerySet(TeamQuerySet["Video"]):
    def visible_to(self, actor: Actor | None) -> Self:
        return super().visible_to(actor).filter(deleted_at=None)

    def deleted_of(self, actor: Actor | None) -> Self:
        """The bin: what `visible_to` no longer shows and `restore_video` brings back."""
        return super().visible_to(actor).exclude(deleted_at=None)

    def per_team(self, team_ids: Collection[int]) -> dict[int, int]:
        there = self.filter(team_id__in=team_ids, deleted_at=None).order_by()
        return dict(there.values_list("team_id").annotate(n=Count("pk")))


@invalidate_cache_on_update(unseen=("counted",))
class Video(models.Model):
    """One video from order to publication."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="videos")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="videos")
    title = models.CharField(  # empty until the script names it
        max_length=200, blank=True, validators=[storable]
    )
    source = models.TextField(blank=True, validators=[storable])
    source_kind = models.CharField(max_length=10, choices=SourceKind, default=SourceKind.AUTO)
    format = models.CharField(max_length=10, choices=VideoFormat, default=VideoFormat.SHORT)
    seconds = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(SHORTEST_S), MaxValueValidator(LONGEST_S)]
    )
    language = models.CharField(max_length=10, blank=True, validators=[language_tag])
    voice = models.CharField(max_length=60, blank=True, validators=[storable])
    music = models.CharField(max_length=40, default=Music.COMPOSED, validators=[known_music])
    # the sha256 of the team's own track where `music` is `asset:<id>`
    track = models.CharField(max_length=64, blank=True, default="", db_default="")
    illustrate = models.CharField(
        max_length=10, choices=Illustrate, blank=True, default="", db_default=""
    )
    pictures = models.JSONField(default=dict, blank=True)  # reference in the source -> sha256
    clips = models.JSONField(default=dict, db_default={}, blank=True)  # reference -> sha256
    wants_publishing = models.BooleanField(default=False)
    writer = models.CharField(  # `vendor` or `vendor:model`; empty: the source's own sentences
        max_length=80, blank=True, default="", db_default="", validators=[storable]
    )
    tone = models.CharField(
        max_length=100, blank=True, default="", db_default="", validators=[storable]
    )
    audience = models.CharField(
        max_length=100, blank=True, default="", db_default="", validators=[storable]
    )
    external_id = models.CharField(  # the number of the video in another system
        max_length=100, blank=True, default="", db_default="", validators=[storable]
    )

    state = models.CharField(max_length=10, choices=VideoState, default=VideoState.DRAFT)
    reason = models.TextField(blank=True)  # one sentence: why it stands still, what frees it
    reason_code = models.CharField(max_length=40, blank=True)
    counted = models.CharField(
        max_length=10, choices=Counted, default=Counted.NOT, db_default=Counted.NOT
    )
    priority = models.IntegerField(
        default=0, validators=[MinValueValidator(-1000), MaxValueValidator(1000)]
    )
    plan = models.JSONField(default=dict)  # stages, providers, brand, the title as ordered
    script = models.ForeignKey(
        "ScriptVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # counts what people change of order and script, not what the pipeline does
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = VideoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(seconds__gte=5) & Q(seconds__lte=3600), name="video_length_sane"
            ),
            models.UniqueConstraint(
                fields=["team", "external_id"],
                condition=~Q(external_id=""),
                name="video_external_id_once",
            ),
        ]
        indexes = [models.Index(fields=["team", "-id"], name="video_by_team")]

    def __str__(self) -> str:
        return self.title or f"video {self.pk}"

    def order(self) -> Order:
        """What was asked for, as stages see it."""
        return Order(
            title=self.plan.get("title", self.title),  # what is shown may come from the script
            source=self.source,
            source_kind=cast(Any, self.source_kind),
            format=cast(Format, self.format),
            seconds=self.seconds,
            language=self.language,
            voice=self.voice,
            music=self.music,
            track=self.track,
            brand=Brand(**self.plan.get("brand", {})),
            pictures=self.pictures,
            clips=self.clips,
            reading=self.plan.get("reading", ""),
            illustrate=self.illustrate,
            **briefs.of(self.plan, self.tone, self.audience),
        )


class Scene(models.Model):
    """One scene of the current script; `uid` survives edits, moves, splits and merges."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="scenes")
    uid = models.CharField(max_length=8)
    position = models.PositiveIntegerField()
    headline = models.CharField(max_length=200, blank=True)
    narration = models.TextField()
    visual = models.JSONField(default=dict)
    voice = models.CharField(  # `engine:name`; empty: the video's
        max_length=60, blank=True, default="", db_default="", validators=[storable]
    )
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "uid"], name="scene_once"),
            models.UniqueConstraint(fields=["video", "position"], name="scene_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position + 1}. {self.headline}"


class ScriptVersion(models.Model):
    """A script as it once stood; only its `name` changes. `content` is script.json."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="script_versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    name = models.CharField(
        max_length=100, blank=True, default="", db_default="", validators=[storable]
    )
    # between two pauses of people who write together: the last one of a sitting is kept
    is_draft = models.BooleanField(default=False, db_default=False)
    saved_by_id = models.BigIntegerField(null=True, blank=True)  # None: the script stage, several
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"version {self.number}"


class RunState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"
    SKIPPED = "skipped"


class StageRunQuerySet(models.QuerySet["StageRun"]):
    def ready(self) -> "StageRunQuerySet":
        due = self.filter(state=RunState.WAITING, due_at__lte=Now())
        return due.filter(video__state__in=IN_WORK, video__deleted_at=None)

    def served_by(self, cluster: str) -> "StageRunQuerySet":
        return self if cluster == jobs.STUDIO else self.filter(cluster=cluster)

    def within_limits(self) -> "StageRunQuerySet":
        """Without those whose provider does as much as it may at once, or is left alone."""
        full = asked_by_runs(ProviderLimit).filter(running__gte=F("most"))
        resting = asked_by_runs(ProviderRest).filter(held_up())
        return self.filter(~Exists(full), ~Exists(resting))

    def best_first(self) -> "StageRunQuerySet":
        """By priority, then the team with the fewest running, then age."""
        running = (
            StageRun.objects.filter(state=RunState.RUNNING, video__team=OuterRef("video__team"))
            .order_by()
            .values("video__team")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(team_running=Coalesce(Subquery(running), 0)).order_by(
            "-video__priority", "team_running", "due_at", "id"
        )

    def held_by(self, run: "StageRun") -> "StageRunQuerySet":
        """The row, if the caller's lease still stands: a worker writes through this alone."""
        return self.filter(pk=run.pk, fence=run.fence, state=RunState.RUNNING)


class StageRun(models.Model):
    """One stage of one video: what it waits for, who works on it, how far it is."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="runs")
    stage = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    cluster = models.CharField(max_length=20)
    # as registered, such as voice:piper, several apart by blanks; empty: none, or not chosen yet
    provider = models.CharField(max_length=200, blank=True, default="", db_default="")
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    due_at = models.DateTimeField(null=True)  # empty while it waits for other stages
    attempt = models.PositiveIntegerField(default=0)
    # how often in a row its provider asked to wait
    waits = models.PositiveIntegerField(default=0, db_default=0)
    owed_since = models.DateTimeField(null=True, blank=True)  # what its provider has not sent
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    fraction = models.FloatField(default=0)
    phase = models.CharField(max_length=80, blank=True)
    eta_s = models.PositiveIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    is_limited = False  # whether it takes a place at its provider; set by the pick
    keeps_parts = True  # from an earlier attempt; a pick knows better
    went_on_to: "StageRun | None" = None  # what its worker took up as it ended

    objects = StageRunQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "stage"], name="run_once")]
        indexes = [
            models.Index(fields=["state", "due_at"], name="run_due"),
            models.Index(fields=["state", "lease_until"], name="run_lease"),
            models.Index(fields=["state", "ended_at"], name="run_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.video_id} ({self.state})"

    @cached_property
    def team_id(self) -> int:
        return self.video.team_id


class Artifact(models.Model):
    """A part that was made, named by everything that it was made of: equal key, no work."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="artifacts")
    key = models.CharField(max_length=64)
    stage = models.CharField(max_length=40)
    provider = models.CharField(max_length=250, blank=True)
    files = models.JSONField(default=dict)  # file name -> sha256
    facts = models.JSONField(default=dict)
    size = models.BigIntegerField(default=0)  # bytes of all files
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet["Artifact"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "key"], name="artifact_once")]

    def __str__(self) -> str:
        return f"{self.stage} {self.key[:12]}"


class RunPart(models.Model):
    """Which artifact stands for a part of a run at present."""

    run = models.ForeignKey(StageRun, on_delete=models.CASCADE, related_name="parts")
    part = models.CharField(max_length=60)
    position = models.PositiveIntegerField()
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+")
    was_made = models.BooleanField()  # False: found by its key
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "part"], name="run_part_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.part}"


class Reply(models.Model):
    """What a paid service answered, as it came: kept until the part made of it is settled."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="replies")
    request = models.CharField(max_length=100)
    key = models.CharField(max_length=64)  # of the part that asked
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now=True)

    objects = TeamQuerySet["Reply"].as_manager()

    class Meta:
        verbose_name_plural = "replies"
        constraints = [models.UniqueConstraint(fields=["team", "request"], name="reply_once")]
        indexes = [models.Index(fields=["team", "key"], name="reply_by_part")]

    def __str__(self) -> str:
        return f"reply to {self.request}"
