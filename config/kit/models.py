import uuid

from django.db import models


class Blob(models.Model):
    """Stored bytes of a team, named by their hash. Nothing is shared between teams."""

    team_id = models.BigIntegerField()  # no key: kit lies below teams
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()  # bytes
    content_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    loose_since = models.DateTimeField(null=True, blank=True)  # nobody held it when prune looked

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team_id", "sha256"], name="blob_once_per_team")
        ]
        indexes = [models.Index(fields=["loose_since"], name="blob_loose")]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.size} bytes)"


class BlobRef(models.Model):
    """What keeps a blob: an artifact, an asset, a logo. `kind` is `app.model`, `ref_id` its key."""

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="refs")
    kind = models.CharField(max_length=40)
    ref_id = models.BigIntegerField()
    name = models.CharField(max_length=200)  # the file's name inside its holder

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "ref_id", "name"], name="blobref_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref_id}/{self.name}"


class ClusterBeat(models.Model):
    """One running `qscale`: alive while `beat_at` is fresh, working while `answered_at` is."""

    cluster = models.CharField(max_length=40)
    host = models.CharField(max_length=200)
    pid = models.IntegerField()
    workers = models.IntegerField()
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)  # when the watchdog last put a probe into the queue
    answered_at = models.DateTimeField(null=True)  # when a worker last ran one

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster", "host", "pid"], name="beat_once_per_process")
        ]

    def __str__(self) -> str:
        return f"{self.cluster} on {self.host} ({self.pid})"


class MailState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class Mail(models.Model):
    """A letter in the outbox; its words are dropped once it was sent."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team_id = models.BigIntegerField(null=True, blank=True)  # no key: kit lies below teams
    to = models.EmailField()
    letter = models.CharField(max_length=40)  # the name of its templates
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=MailState, default=MailState.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="mail_due")]

    def __str__(self) -> str:
        return f"{self.letter} to {self.to}"


class IdempotencyState(models.TextChoices):
    CLAIMED = "claimed"
    DONE = "done"


class IdempotencyKey(models.Model):
    """One request that a program may repeat: who sent it, what it asked for, what came of it."""

    owner = models.CharField(
        max_length=60
    )  # `token:7` or `user:3@2`: keys of one never meet another's
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # sha256 of method, path and body
    state = models.CharField(
        max_length=10, choices=IdempotencyState, default=IdempotencyState.CLAIMED
    )
    fence = models.PositiveIntegerField(default=1)
    lease_until = models.DateTimeField()
    answer_id = models.CharField(max_length=64, blank=True)  # of the row that the answer shows
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="idempotency_key_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.owner} ({self.state})"


class RateBucket(models.Model):
    """When the next request of somebody would be on time: the one number of GCRA."""

    key = models.CharField(max_length=120, primary_key=True)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class CacheEntry(models.Model):
    """A row of Django's database cache, on Postgres without Redis (config.kit.cache_stores)."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "kit_cache"
        verbose_name_plural = "cache entries"

    def __str__(self) -> str:
        return self.cache_key


class SlowQuery(models.Model):
    """One shape of statement that took long on one day (UTC), all its times together."""

    day = models.DateField()
    fingerprint = models.CharField(max_length=32)
    statement = models.TextField()  # its shape: no parameter, no literal
    caller = models.CharField(max_length=200, blank=True)  # where the worst was asked
    worst_in = models.CharField(max_length=120, blank=True)  # request or run, as logs name it
    count = models.BigIntegerField()
    worst_ms = models.BigIntegerField()
    total_ms = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "slow queries"
        constraints = [
            models.UniqueConstraint(fields=["day", "fingerprint"], name="slow_query_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.worst_ms} ms: {self.statement[:80]}"


class Tally(models.Model):
    """How often something has happened since the installation began, whoever saw it."""

    name = models.CharField(max_length=40)
    labels = models.CharField(max_length=200)  # a JSON list, in the order that `name` has
    count = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.labels}: {self.count}"
