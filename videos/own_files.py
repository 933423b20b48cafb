"""Models of the team's own files: pictures, clips, music, and what is still on its way here."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from config.kit.rows import storable
from teams.access import TeamQuerySet
from teams.models import Team


class AssetKind(models.TextChoices):
    PICTURE = "picture"
    CLIP = "clip"
    MUSIC = "music"


class AssetState(models.TextChoices):
    PREPARING = "preparing"
    READY = "ready"
    REFUSED = "refused"


class AssetQuerySet(TeamQuerySet["Asset"]):
    def ready(self) -> Self:
        return self.filter(state=AssetState.READY)


class Asset(models.Model):
    """A file of the team's own. Stages see what was made clean of it, never what was uploaded."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="assets")
    name = models.CharField(max_length=200, validators=[storable])
    kind = models.CharField(
        max_length=10, choices=AssetKind, default=AssetKind.PICTURE, db_default=AssetKind.PICTURE
    )
    state = models.CharField(
        max_length=10, choices=AssetState, default=AssetState.READY, db_default=AssetState.READY
    )
    reason = models.TextField(blank=True, default="", db_default="")  # why it was refused
    source_sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    sha256 = models.CharField(max_length=64, blank=True)  # of the clean file; empty until ready
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField()  # bytes
    facts = models.JSONField(default=dict, db_default={}, blank=True)  # width, height, duration_s
    attempt = models.PositiveIntegerField(default=0, db_default=0)
    fence = models.PositiveIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fraction = models.FloatField(default=0, db_default=0)
    worker = models.CharField(max_length=120, blank=True, default="", db_default="")
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "source_sha256", "kind"],
                condition=~Q(source_sha256=""),
                name="asset_source_once",
            )
        ]
        indexes = [
            models.Index(fields=["team", "sha256"], name="asset_by_bytes"),
            models.Index(fields=["state", "due_at"], name="asset_due"),
        ]

    def __str__(self) -> str:
        return self.name


class AssetUpload(models.Model):
    """A file on its way here, piece by piece (tus 1.0); `offset` bytes of it have come."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="asset_uploads")
    name = models.CharField(max_length=200, validators=[storable])
    kind = models.CharField(max_length=10, choices=AssetKind)
    size = models.BigIntegerField()  # bytes in all
    offset = models.BigIntegerField(default=0)
    asset = models.ForeignKey(
        Asset, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    busy_until = models.DateTimeField(null=True, blank=True)  # one piece at a time

    objects = TeamQuerySet["AssetUpload"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="asset_upload_by_age")]

    def __str__(self) -> str:
        return f"{self.name} ({self.offset} of {self.size} bytes)"
