import uuid
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from channels_app.credential_rows import Credential as Credential
from channels_app.credential_rows import CredentialState as CredentialState
from channels_app.credential_rows import SignIn as SignIn
from channels_app.google_rows import Consent as Consent
from channels_app.google_rows import GoogleProject as GoogleProject
from channels_app.google_rows import QuotaBucket as QuotaBucket
from channels_app.google_rows import QuotaDay as QuotaDay
from channels_app.google_rows import QuotaLedger as QuotaLedger
from channels_app.google_rows import QuotaRule as QuotaRule
from channels_app.google_rows import Use as Use
from config.kit.cache import invalidate_cache_on_update
from config.kit.rows import storable
from teams.access import TeamQuerySet
from teams.models import Brake, Stops, Team

colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", "Write a colour as #rrggbb.")
sha256 = RegexValidator(r"^[0-9a-f]{64}$", "Write the sha256 of an uploaded picture.")
language_tag = RegexValidator(
    r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*\Z", "Write a tag such as en, de or pt-BR."
)


@invalidate_cache_on_update
class BrandKit(models.Model):
    """The look and sound of a channel's videos."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="brand_kits")
    name = models.CharField(max_length=60, validators=[storable])
    ink = models.CharField(max_length=7, default="#0b0f17", validators=[colour])
    paper = models.CharField(max_length=7, default="#f7f2e8", validators=[colour])
    accent = models.CharField(max_length=7, default="#ffb224", validators=[colour])
    second = models.CharField(max_length=7, default="#33d69f", validators=[colour])
    glow = models.CharField(max_length=7, default="#6d5ef6", validators=[colour])
    font = models.CharField(max_length=60, default="Inter")
    logo_sha256 = models.CharField(max_length=64, blank=True, validators=[sha256])
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = TeamQuerySet["BrandKit"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="brand_kit_once")]

    def __str__(self) -> str:
        return self.name


class Publisher(models.TextChoices):
    FOLDER = "folder"


YOUTUBE = "youtube"  # no choice yet: nothing delivers there


class Approval(models.TextChoices):
    NONE = "none", "None: a passed quality check is enough"
    ONE = "one", "One person approves"


class Unsupported(models.TextChoices):
    """What becomes of a written script that claims what its source does not bear out."""

    ASK = "ask", "Ask: a person accepts them before anything is spoken"
    BLOCK = "block", "Block: the script has to be changed"
    ALLOW = "allow", "Allow: they are marked, and the video is made"


class Music(models.TextChoices):
    COMPOSED = "composed"
    NONE = "none"


@invalidate_cache_on_update
class Channel(models.Model):
    """Where a team's videos go out, with what they share."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(max_length=100, validators=[storable])
    slug = models.SlugField(max_length=60)
    external_id = models.CharField(  # the channel's number in another system
        max_length=100, blank=True, default="", db_default="", validators=[storable]
    )
    publisher = models.CharField(max_length=20, choices=Publisher, default=Publisher.FOLDER)
    approval = models.CharField(max_length=10, choices=Approval, default=Approval.NONE)
    brand_kit = models.ForeignKey(BrandKit, on_delete=models.PROTECT, related_name="channels")
    language = models.CharField(  # empty: detected from each text
        max_length=10, blank=True, validators=[language_tag]
    )
    voice = models.CharField(  # `engine:name`; empty: by language
        max_length=60, blank=True, validators=[storable]
    )
    music = models.CharField(max_length=20, choices=Music, default=Music.COMPOSED)
    unsupported_claims = models.CharField(
        max_length=10,
        choices=Unsupported,
        default=Unsupported.ASK,
        db_default=Unsupported.ASK,
    )
    # one a line; topics are refused in what a video is about, words in what it says
    blocked_topics = models.TextField(
        blank=True, default="", db_default="", max_length=4_000, validators=[storable]
    )
    blocked_words = models.TextField(
        blank=True, default="", db_default="", max_length=4_000, validators=[storable]
    )
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet["Channel"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "slug"], name="channel_slug_once"),
            models.UniqueConstraint(
                fields=["team", "external_id"],
                condition=~models.Q(external_id=""),
                name="channel_external_id_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


# what people change of a channel
SETTINGS = (
    "name",
    "publisher",
    "approval",
    "brand_kit",
    "language",
    "voice",
    "music",
    "unsupported_claims",
    "blocked_topics",
    "blocked_words",
    "external_id",
)


class UploadState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (UploadState.WAITING, UploadState.RUNNING, UploadState.DONE)
RESTING = (UploadState.WAITING, UploadState.FAILED)


class UploadQuerySet(TeamQuerySet["Upload"]):
    def due(self) -> Self:
        """Without those of teams whose publishing is stopped, and those that go to YouTube by a
        channel that has to be connected first. No join: an UPDATE of these rows would then look for
        them in a subquery, whose answer stands while it waits for another worker's claim, and two
        would take the same one."""
        stopped = Brake.objects.over(models.OuterRef("team"), Stops.PUBLISHING)
        connected = Credential.objects.filter(
            channel=models.OuterRef("channel"), state=CredentialState.CONNECTED
        )
        to_youtube = Channel.objects.filter(pk=models.OuterRef("channel"), publisher=YOUTUBE)
        has_way = ~models.Exists(to_youtube) | models.Exists(connected)
        due = self.filter(state=UploadState.WAITING, due_at__lte=Now())
        return due.filter(~models.Exists(stopped), has_way)

    def leased_to(self, worker: str) -> Self:
        return self.filter(state=UploadState.RUNNING, worker=worker, lease_until__gt=Now())

    def held_by(self, upload: "Upload") -> Self:
        """The row, if the caller's lease still stands: a worker writes through this alone."""
        return self.filter(pk=upload.pk, fence=upload.fence, state=UploadState.RUNNING)


@invalidate_cache_on_update(unseen=("attempt", "fence", "lease_until", "worker"))
class Upload(models.Model):
    """One publication of a video to a channel: the truth about where it stands."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="uploads")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="uploads")
    video_id = models.BigIntegerField(db_index=True)  # no FK: videos lie above channels
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    files = models.JSONField(default=dict)  # file name -> sha256, pinned when it was requested
    metadata = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=UploadState, default=UploadState.WAITING)
    reason = models.TextField(blank=True)  # one sentence: why it failed and what to do
    attempt = models.IntegerField(default=0)
    fence = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, blank=True, default="", db_default="")
    due_at = models.DateTimeField(null=True)
    address = models.TextField(blank=True)  # where it went: a folder, later a YouTube id
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["video_id", "channel"],
                condition=models.Q(state__in=[state.value for state in ACTIVE]),
                name="upload_one_active",
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="upload_due")]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"
