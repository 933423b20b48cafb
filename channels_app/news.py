"""What the journal tells of channels and publications."""

from dataclasses import dataclass

from teams.events import News


@dataclass(frozen=True)
class ChannelCreated(News):
    kind = "channels.channel_created"
    channel_id: int
    name: str


@dataclass(frozen=True)
class ChannelChanged(News):
    kind = "channels.channel_changed"
    channel_id: int
    name: str


@dataclass(frozen=True)
class BrandKitCreated(News):
    kind = "channels.brand_kit_created"
    brand_kit_id: int
    name: str


@dataclass(frozen=True)
class BrandKitChanged(News):
    kind = "channels.brand_kit_changed"
    brand_kit_id: int
    name: str


@dataclass(frozen=True)
class BrandKitDeleted(News):
    kind = "channels.brand_kit_deleted"
    brand_kit_id: int
    name: str


@dataclass(frozen=True)
class PublicationRequested(News):
    kind = "channels.publication_requested"
    upload_id: int
    video_id: int
    channel_id: int


@dataclass(frozen=True)
class UploadChanged(News):
    kind = "channels.upload_changed"
    upload_id: int
    video_id: int
    state: str
    reason: str
    address: str


# None of them holds what YouTube told: that is deleted when the channel is disconnected.


@dataclass(frozen=True)
class YouTubeConnected(News):
    kind = "channels.youtube_connected"
    channel_id: int


@dataclass(frozen=True)
class YouTubeDisconnected(News):
    kind = "channels.youtube_disconnected"
    channel_id: int


@dataclass(frozen=True)
class YouTubeNeedsReconnect(News):
    """Google takes the permission no longer; a person has to connect the channel again."""

    kind = "channels.youtube_needs_reconnect"
    channel_id: int
