import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from collab import moments
from config.kit.rows import storable
from teams.access import Actor, TeamQuerySet
from teams.models import Team, User
from videos.models import LONGEST_S, Video

MAX_COMMENT, MAX_QUOTE, MAX_REPLACEMENT = 4_000, 1_000, 2_000
LAST_MS = 2 * LONGEST_S * 1000
MAX_NAME = 100  # characters of a root's name in a relative position


class Document(models.Model):
    """The script of a video as several people write it: a snapshot, and the rows since.

    `seq` is the number of the last row and has no gaps. `epoch` counts how often the content was
    begun anew: who holds another epoch holds another document, and must not merge it into this one.
    """

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="document")
    epoch = models.PositiveIntegerField(default=1)
    seq = models.BigIntegerField(default=0)
    snapshot = models.BinaryField(default=b"")
    snapshot_seq = models.BigIntegerField(default=0)  # the last row that the snapshot holds
    materialised_seq = models.BigIntegerField(default=0)  # the last row that the script holds
    fault = models.TextField(blank=True, default="")  # why the head is no script, in a sentence
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(snapshot_seq__lte=models.F("seq")), name="document_snapshot_in_rows"
            )
        ]

    def __str__(self) -> str:
        return f"document of video {self.video_id} at {self.seq}"


class DocumentUpdate(models.Model):
    """One row of a document: a Yjs update, often several merged."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="updates")
    seq = models.BigIntegerField()
    data = models.BinaryField()
    author_id = models.BigIntegerField(null=True, blank=True)  # None: several people, or the studio
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "seq"], name="document_update_once")
        ]

    def __str__(self) -> str:
        return f"{self.document_id}/{self.seq}"


_UID = re.compile(r"[0-9a-f]{8}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_POSITION_KEYS = {"type", "tname", "item", "assoc"}


def scene_uid(value: str) -> None:
    if not _UID.match(value):
        raise ValidationError("The id of a scene is eight hex digits, such as 4f2a91c0.")


def cut(value: str) -> None:
    if not _SHA256.match(value):
        raise ValidationError("A cut is told by the sha256 of its video.mp4.")


def relative_range(value: object) -> None:
    """`{"start": .., "end": ..}`, each as Yjs writes a relative position as JSON. What they point
    at is for the editor to find: ours only keeps them."""
    is_range = isinstance(value, dict) and set(value) == {"start", "end"}
    if value != {} and not (is_range and all(map(_is_position, value.values()))):  # type: ignore[attr-defined]
        raise ValidationError(
            "A range is {start, end}, each a relative position of Yjs as JSON "
            "({item: {client, clock}, assoc} or {tname, assoc})."
        )


def _is_position(told: object) -> bool:
    if not isinstance(told, dict) or not told or not set(told) <= _POSITION_KEYS:
        return False
    item, name = told.get("item"), told.get("tname")
    if not _is_number(told.get("assoc", 0)) or not _is_id(told.get("type")):
        return False
    if not (name is None or (isinstance(name, str) and len(name) <= MAX_NAME)):
        return False
    return _is_id(item) and not (item is None and name is None and told.get("type") is None)


def _is_id(told: object) -> bool:
    if told is None:
        return True
    if not isinstance(told, dict) or set(told) != {"client", "clock"}:
        return False
    return all(_is_number(one) and one >= 0 for one in told.values())


def _is_number(told: object) -> bool:
    return isinstance(told, int) and not isinstance(told, bool) and abs(told) < 2**53


class Anchored(models.Model):
    """Something that people say about a place of the script or a moment of the video."""

    scene_uid = models.CharField(max_length=8, blank=True, validators=[scene_uid])
    anchor = models.JSONField(default=dict, blank=True, validators=[relative_range])
    quote = models.TextField(  # the words as they stood, to find the place without an editor
        blank=True, validators=[storable, MaxLengthValidator(MAX_QUOTE)]
    )
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class CommentQuerySet(TeamQuerySet["Comment"]):
    def visible_to(self, actor: Actor | None) -> "CommentQuerySet":
        return super().visible_to(actor).filter(deleted_at=None)

    def threads(self) -> "CommentQuerySet":
        return self.filter(parent=None)

    def on_the_video(self) -> "CommentQuerySet":
        """At a moment of it, or about it as a whole."""
        return self.filter(scene_uid="", quote="", anchor={})


class Comment(Anchored):
    """What somebody says about a video; a thread is a comment with its replies.

    A thread stands at a place of the text, at a scene, at a moment of the rendered video, or at
    the video as a whole; a reply stands where its thread does.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="comments")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="comments"
    )
    guest = models.CharField(  # the name that who came by a link gave
        max_length=80, blank=True, validators=[storable]
    )
    text = models.TextField(validators=[storable, MaxLengthValidator(MAX_COMMENT)])
    at_ms = models.PositiveIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(LAST_MS)]
    )
    cut = models.CharField(  # sha256 of the video.mp4 that was looked at; empty: none, or of old
        max_length=64,
        blank=True,
        default="",
        db_default="",
        validators=[cut],
    )
    mentions = models.ManyToManyField(User, blank=True, related_name="mentioned_in")
    edited_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(parent=None) | Q(resolved_at=None), name="comment_threads_resolve"
            )
        ]
        indexes = [models.Index(fields=["video", "-id"], name="comment_by_video")]

    def __str__(self) -> str:
        return f"comment {self.pk} on video {self.video_id}"

    @property
    def said_by(self) -> str:
        return self.author.get_short_name() if self.author else self.guest or "Somebody"

    @property
    def is_in_text(self) -> bool:
        return bool(self.scene_uid or self.quote or self.anchor)

    @property
    def frame(self) -> int | None:
        """Of the rendered video, from 0. None: it stands at no moment."""
        return None if self.at_ms is None else moments.frame_at(self.at_ms)


class SuggestionState(models.TextChoices):
    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Suggestion(Anchored):
    """Other words for some of a scene, until somebody who edits takes or refuses them.

    The place is kept twice: as relative positions for editors that hold the document, and as the
    words with what stands around them (a text quote selector of W3C's Web Annotation).
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="suggestions")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="suggestions")
    author = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="suggestions"
    )
    guest = models.CharField(max_length=80, blank=True, validators=[storable])
    before = models.CharField(max_length=64, blank=True, validators=[storable])
    after = models.CharField(max_length=64, blank=True, validators=[storable])
    replacement = models.TextField(
        blank=True, validators=[storable, MaxLengthValidator(MAX_REPLACEMENT)]
    )
    note = models.CharField(max_length=500, blank=True, validators=[storable])
    state = models.CharField(max_length=10, choices=SuggestionState, default=SuggestionState.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = TeamQuerySet["Suggestion"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["video", "-id"], name="suggestion_by_video")]

    def __str__(self) -> str:
        return f"suggestion {self.pk} for video {self.video_id}"


class ShareRole(models.TextChoices):
    VIEWER = "viewer"
    COMMENTER = "commenter"


class ShareLinkQuerySet(TeamQuerySet["ShareLink"]):
    def usable(self) -> "ShareLinkQuerySet":
        lasts = Q(expires_at=None) | Q(expires_at__gt=Now())
        return self.filter(lasts, revoked_at=None, video__deleted_at=None)


class ShareLink(models.Model):
    """A link by which people outside the team see one video. The link itself is kept as a hash."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="share_links")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="share_links")
    name = models.CharField(max_length=100, blank=True, validators=[storable])
    role = models.CharField(max_length=10, choices=ShareRole, default=ShareRole.VIEWER)
    sha256 = models.CharField(max_length=64, unique=True)
    created_by_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ShareLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.role} link {self.pk} to video {self.video_id}"
