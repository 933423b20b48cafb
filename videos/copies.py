"""Another video like one that there is: the same order, and a person's words where there are."""

from typing import Any

from teams.access import Actor, team_for_edit
from videos import scripts
from videos.actions import Wish, create_video
from videos.models import RunState, Video


def duplicate_video(*, by: Actor, video: Video, **changes: Any) -> Video:
    """`changes` are fields of Wish. What stays equal is found by its key and not made again."""
    team_for_edit(by, video.team_id)
    scripts.settled(video.pk)
    video.refresh_from_db(fields=["script"])
    order = video.order()
    same = {
        "source": order.source,
        "title": order.title,
        "source_kind": order.source_kind,
        "format": order.format,
        "seconds": order.seconds,
        "language": order.language,
        "voice": order.voice,
        "music": video.music,
        "illustrate": order.illustrate,
        "writer": video.writer,
        "tone": video.tone,
        "audience": video.audience,
        "pictures": order.pictures,
        "clips": order.clips,
        "publish": video.wants_publishing,
        "priority": video.priority,
        "reading": order.reading,
    }
    wish = Wish(**{**same, **changes})
    by_hand = video.runs.filter(stage="script", state=RunState.SKIPPED).exists()
    keeps_words = by_hand and wish.source == video.source
    script = scripts.current(video) if keeps_words else None
    return create_video(by=by, channel=video.channel, wish=wish, script=script)
