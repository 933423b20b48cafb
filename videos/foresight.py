"""What a video would cost that nobody has ordered yet."""

from billing.costs import Expected
from channels_app.models import Channel
from videos import clusters, estimates, routing, standins, writers
from videos.actions import Wish, brand_of, video_of
from videos.contracts import Script

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


def estimate(*, channel: Channel, wish: Wish, script: Script | None = None) -> Expected:
    """The order is not checked. `script` are words that are ready. Raises NoSuchWriter."""
    video = video_of(channel, wish)
    named = writers.full_name(wish.writer)
    writer = "" if script else routing.writer_for(wish.source, wish.source_kind, named)
    video.plan = routing.plan_for(video, brand_of(channel.brand_kit), writer)
    video.plan |= writers.briefing(video, writer) if writer else {}
    if script is not None:
        return estimates.of_script(video, script)
    return estimates.of_order(video.team_id, video.order(), estimates.Named.of(video))
