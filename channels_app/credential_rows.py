from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from config.kit.sealed import SealedField
from teams.access import TeamQuerySet
from teams.models import Team, User


class CredentialState(models.TextChoices):
    CONNECTED = "connected", "Connected"
    NEEDS_RECONNECT = "needs_reconnect", "Has to be connected again"
    REVOKED = "revoked", "Disconnected: Google is yet to be told"


ATTACHED = (CredentialState.CONNECTED, CredentialState.NEEDS_RECONNECT)


class CredentialQuerySet(TeamQuerySet["Credential"]):
    def attached(self) -> Self:
        return self.filter(state__in=ATTACHED)


class Credential(models.Model):
    """What the owner of a YouTube channel lets this studio do there. Once disconnected the row
    stays only until Google knows."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="credentials")
    channel = models.ForeignKey(
        "channels_app.Channel", on_delete=models.CASCADE, related_name="credentials"
    )
    youtube_id = models.CharField(max_length=40)
    title = models.CharField(max_length=200, blank=True)  # as YouTube tells them
    picture = models.CharField(max_length=500, blank=True)
    scopes = models.JSONField(default=list)  # granted, which may be fewer than were asked for
    state = models.CharField(
        max_length=20, choices=CredentialState, default=CredentialState.CONNECTED
    )
    reason = models.TextField(blank=True)  # one sentence: why it has to be connected again
    refresh_token = SealedField(blank=True)
    access_token = SealedField(blank=True)
    access_expires_at = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)  # of the tokens: who writes names the one seen
    lease_until = models.DateTimeField(null=True)  # somebody asks Google about the tokens
    connected_by_id = models.BigIntegerField(null=True)  # no key: it outlives the person
    connected_at = models.DateTimeField(db_default=Now())
    last_ok_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = CredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=Q(state__in=[one.value for one in ATTACHED]),
                name="credential_once_a_channel",
            ),
            models.UniqueConstraint(
                fields=["youtube_id"],
                condition=Q(state__in=[one.value for one in ATTACHED]),
                name="credential_once_in_the_studio",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.youtube_id

    @property
    def needs_reconnect(self) -> bool:
        return self.state == CredentialState.NEEDS_RECONNECT


class SignIn(models.Model):
    """One way of a person to Google and back; it holds what they allowed until they confirm it."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="youtube_sign_ins")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="youtube_sign_ins")
    channel = models.ForeignKey(
        "channels_app.Channel", on_delete=models.CASCADE, related_name="youtube_sign_ins"
    )
    state_sha256 = models.CharField(max_length=64, unique=True)
    verifier = SealedField()  # of PKCE
    is_used = models.BooleanField(default=False)
    expires_at = models.DateTimeField(db_index=True)
    youtube_id = models.CharField(max_length=40, blank=True, db_index=True)  # once they are back
    title = models.CharField(max_length=200, blank=True)
    picture = models.CharField(max_length=500, blank=True)
    scopes = models.JSONField(default=list)
    refresh_token = SealedField(blank=True)
    access_token = SealedField(blank=True)
    access_expires_at = models.DateTimeField(null=True)

    objects = TeamQuerySet["SignIn"].as_manager()

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.title or 'on the way'}"
