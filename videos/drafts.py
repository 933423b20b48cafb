"""Versions of scripts that people wrote together: one a pause, of which a day later the last of
each sitting is kept."""

from datetime import timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery

from config.kit import files
from config.kit.database import after, verb
from videos.models import ScriptVersion, Video

KEPT_FOR = timedelta(days=1)
SITTING = timedelta(minutes=10)  # without a version between, it is another one
AT_ONCE = 500


def thin_out(*, is_rehearsal: bool = False) -> int:
    """How many are removed; what has a name, or is the script of now, stays."""
    if is_rehearsal:
        return _passing().count()
    removed = 0
    while found := list(_passing().order_by("id").values_list("pk", flat=True)[:AT_ONCE]):
        removed += _remove(found)
    return removed


def _passing() -> "QuerySet[ScriptVersion]":
    later = ScriptVersion.objects.filter(video=OuterRef("video"), number__gt=OuterRef("number"))
    following = later.order_by("number").values("created_at")[:1]
    drafts = ScriptVersion.objects.filter(
        is_draft=True, name="", created_at__lt=after(-KEPT_FOR)
    ).exclude(pk__in=Video.objects.exclude(script=None).values("script"))
    return drafts.annotate(followed_at=Subquery(following)).filter(
        followed_at__lt=F("created_at") + SITTING
    )


@verb
def _remove(version_ids: list[int]) -> int:
    """As far as nobody has named or restored one meanwhile."""
    going = ScriptVersion.objects.filter(pk__in=version_ids, name="").exclude(
        pk__in=Video.objects.filter(script__in=version_ids).values("script")
    )
    found = list(going.select_for_update(no_key=True).values_list("pk", flat=True))
    files.release("videos.scriptversion", found)
    ScriptVersion.objects.filter(pk__in=found).delete()
    return len(found)
