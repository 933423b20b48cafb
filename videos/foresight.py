"""What a video would cost that nobody has ordered yet, and what it takes of its text."""

from dataclasses import dataclass

from billing.costs import Expected
from channels_app.models import Channel
from videos import clusters, estimates, routing, standins, writers
from videos.actions import Wish, video_of
from videos.contracts import Script
from videos.models import Video
from videos.taken import Taken, taken
from videos.wishes import brand_of

WHAT = {"script": "Script", "voice": "Voice", "image": "Pictures", "clip": "Clips"}
WHAT["footage"] = "Footage"


def route(*, channel: Channel, wish: Wish) -> list[tuple[str, str]]:
    """What others would be asked for, and by name and price whom: first who is chosen, then who
    takes over. Empty where nobody beyond this studio is asked. Raises NoSuchWriter."""
    video = video_of(channel, wish)
    asked = {
        "script": writers.full_name(wish.writer),
        "voice": video.voice,
        video.illustrate: routing.usual_maker(video.illustrate) if video.illustrate else "",
    }
    far = {
        kind: name
        for kind, name in asked.items()
        if clusters.is_remote(f"{kind}:{name.partition(':')[0]}")
    }
    return [(WHAT[kind], standins.line(kind, name)) for kind, name in far.items()]


@dataclass(frozen=True)
class Foreseen:
    """`taken` is None where the text is not long, or the words are ready."""

    expected: Expected
    taken: Taken | None = None


def estimate(*, channel: Channel, wish: Wish, script: Script | None = None) -> Foreseen:
    """The order is not checked. `script` are words that are ready. Raises NoSuchWriter."""
    video = video_of(channel, wish)
    named = writers.full_name(wish.writer)
    writer = "" if script else routing.writer_for(wish.source, wish.source_kind, named)
    video.plan = routing.plan_for(video, brand_of(channel.brand_kit), writer)
    video.plan |= writers.briefing(video, writer) if writer else {}
    if script is not None:
        return Foreseen(estimates.of_script(video, script))
    expected = estimates.of_order(video.team_id, video.order(), estimates.Named.of(video))
    return Foreseen(expected, taken(wish.source, wish.seconds))


def of_video(video: Video) -> Foreseen:
    """Of one that is ordered: of its script, or while there is none of its order."""
    length = None if video.script else taken(video.source, video.seconds)
    return Foreseen(estimates.of_video(video), length)
