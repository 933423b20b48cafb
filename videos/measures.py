"""What /metrics tells of videos: runs by stage, how long they take, why they fail, what is out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, F, Q, Sum, When
from django.db.models.functions import Now
from prometheus_client.core import GaugeHistogramMetricFamily
from prometheus_client.metrics_core import Metric

from channels_app.models import Upload, UploadState
from config.kit import tallies
from config.kit.database import after
from config.kit.metrics import counter, gauge
from videos import troubles
from videos.models import RunState, StageRun

LATELY = timedelta(hours=24)
BUCKETS_S = (0.5, 1, 2, 5, 10, 20, 45, 90, 180, 360, 720, 1800, 3600)


def runs() -> Iterator[Metric]:
    unended = [RunState.WAITING, RunState.RUNNING, RunState.FAILED, RunState.BLOCKED]
    kept = StageRun.objects.filter(state__in=unended, video__deleted_at=None).order_by()
    counted = kept.values_list("stage", "state")
    about = "Stage runs that are not done, by stage and state"
    samples = [([stage, state], n) for stage, state, n in counted.annotate(n=Count("pk"))]
    yield gauge("stage_runs", about, ["stage", "state"], samples)
    about = "Attempts at a stage that came to nothing, by stage and reason"
    yield counter("stage_troubles", about, ["stage", "reason"], tallies.counted(troubles.STAGE))
    about = "Requests that a provider did not serve, by provider and kind"
    yield counter(
        "provider_errors", about, ["provider", "kind"], tallies.counted(troubles.PROVIDER)
    )


def durations() -> Iterator[Metric]:
    """Of all runs that ended well in the last 24 hours: a window, so its counts also fall."""
    family = GaugeHistogramMetricFamily(
        "showrunner_stage_duration_seconds",
        "How long the stage runs of the last 24 hours took",
        labels=["stage"],
    )
    took = F("ended_at") - F("started_at")
    within: dict[str, Any] = {
        f"le_{place}": Count(Case(When(Q(took__lte=timedelta(seconds=limit)), then=F("pk"))))
        for place, limit in enumerate(BUCKETS_S)
    }
    done = StageRun.objects.filter(state=RunState.DONE, ended_at__gt=after(-LATELY)).order_by()
    counted = done.annotate(took=took).values("stage").annotate(n=Count("pk"), **within)
    rows: Any = counted  # with names of ours beside those of fields
    sums = dict(done.annotate(took=took).values_list("stage").annotate(s=Sum("took")))
    for row in rows:
        buckets = [(str(limit), row[f"le_{place}"]) for place, limit in enumerate(BUCKETS_S)]
        total_s = sums[row["stage"]].total_seconds() if sums.get(row["stage"]) else 0.0
        family.add_metric([row["stage"]], [*buckets, ("+Inf", row["n"])], total_s)
    yield family


def publications() -> Iterator[Metric]:
    kept = Upload.objects.exclude(state__in=[UploadState.DONE, UploadState.CANCELLED]).order_by()
    counts = dict.fromkeys((UploadState.WAITING, UploadState.RUNNING, UploadState.FAILED), 0)
    counts |= dict(kept.values_list("state").annotate(n=Count("pk")))
    samples = [([state], n) for state, n in counts.items()]
    yield gauge("publications", "Publications that are not out, by state", ["state"], samples)
    out = Upload.objects.filter(published_at__gt=Now() - LATELY).count()
    yield gauge("published_day", "Videos that went out in the last 24 hours", [], [([], out)])


MEASURES = (runs, durations, publications)
