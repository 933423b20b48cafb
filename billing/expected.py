from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from teams.access import TeamQuerySet
from teams.models import Team


class Estimate(models.Model):
    """What a stage of a video was expected to buy of one vendor, told when it was ordered.

    Once the video is made the row learns what that cost in the end: the next estimates go by it.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="estimates")
    video_id = models.BigIntegerField(db_index=True)  # no FK: the row must outlive the video
    stage = models.CharField(max_length=40)
    provider = models.CharField(max_length=40)  # the vendor, as the price book names it
    low_micros = models.BigIntegerField()
    expected_micros = models.BigIntegerField()
    high_micros = models.BigIntegerField()
    plain_micros = models.BigIntegerField()  # expected by the price book alone
    made_of = models.JSONField(default=dict)  # requests, the factor of history, on how many videos
    at = models.DateTimeField(db_default=Now(), editable=False)
    actual_micros = models.BigIntegerField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = TeamQuerySet["Estimate"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "video_id", "stage", "provider"], name="estimate_once"
            ),
            models.CheckConstraint(
                condition=Q(low_micros__gte=0)
                & Q(low_micros__lte=models.F("expected_micros"))
                & Q(expected_micros__lte=models.F("high_micros")),
                name="estimate_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["stage", "provider", "-settled_at"],
                condition=Q(actual_micros__gt=0),
                name="estimate_learnt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.video_id} by {self.provider}"
