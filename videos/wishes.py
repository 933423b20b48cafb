"""What a creator asks for, before it is an order."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from channels_app.models import BrandKit, Channel
from videos.contracts import Brand
from videos.models import Video, VideoState


@dataclass(frozen=True)
class Wish:
    """What a creator asks for; empty means the channel's setting, else what fits the text."""

    source: str
    title: str = ""
    source_kind: str = "auto"
    format: str = "short"
    seconds: int = 60
    language: str = ""
    voice: str = ""
    music: str = ""
    illustrate: str = ""
    writer: str = ""
    tone: str = ""
    audience: str = ""
    pictures: Mapping[str, str] = field(default_factory=dict)
    clips: Mapping[str, str] = field(default_factory=dict)
    external_id: str = ""
    publish: bool = False
    priority: int = 0
    reading: str = ""  # of the page, where another video has read it


def video_of(channel: Channel, wish: Wish) -> Video:
    """Not ordered yet, nor looked at."""
    return Video(
        team=channel.team,
        channel=channel,
        title=wish.title,
        source=wish.source,
        source_kind=wish.source_kind,
        format=wish.format,
        seconds=wish.seconds,
        language=wish.language or channel.language,
        voice=wish.voice or channel.voice,
        music=wish.music or channel.music,
        illustrate=wish.illustrate,
        pictures=dict(wish.pictures),
        clips=dict(wish.clips),
        writer=wish.writer,
        tone=wish.tone,
        audience=wish.audience,
        external_id=wish.external_id,
        wants_publishing=wish.publish,
        priority=wish.priority,
        state=VideoState.QUEUED,
    )


def brand_of(kit: BrandKit) -> Mapping[str, str]:
    brand = Brand(
        name=kit.name,
        ink=kit.ink,
        paper=kit.paper,
        accent=kit.accent,
        second=kit.second,
        glow=kit.glow,
        font=kit.font,
        logo=kit.logo_sha256,
    )
    return asdict(brand)
