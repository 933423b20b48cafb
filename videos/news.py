"""What the journal tells of videos."""

from dataclasses import dataclass

from teams.events import News


@dataclass(frozen=True)
class VideoCreated(News):
    kind = "videos.video_created"
    video_id: int
    title: str


@dataclass(frozen=True)
class OrderChanged(News):
    kind = "videos.order_changed"
    video_id: int
    fields: list[str]


@dataclass(frozen=True)
class VideoRenamed(News):
    kind = "videos.video_renamed"
    video_id: int
    title: str


@dataclass(frozen=True)
class VideoDeleted(News):
    kind = "videos.video_deleted"
    video_id: int


@dataclass(frozen=True)
class VideoRestored(News):
    kind = "videos.video_restored"
    video_id: int


@dataclass(frozen=True)
class VideoMoved(News):
    kind = "videos.video_moved"
    video_id: int
    state: str
    reason: str


@dataclass(frozen=True)
class StageStarted(News):
    kind = "videos.stage_started"
    video_id: int
    stage: str
    attempt: int


@dataclass(frozen=True)
class PartMade(News):
    kind = "videos.part_made"
    video_id: int
    stage: str
    part: str


@dataclass(frozen=True)
class StageFinished(News):
    kind = "videos.stage_finished"
    video_id: int
    stage: str
    state: str


@dataclass(frozen=True)
class ScriptSaved(News):
    kind = "videos.script_saved"
    video_id: int
    number: int


@dataclass(frozen=True)
class ClaimsAccepted(News):
    kind = "videos.claims_accepted"
    video_id: int
    count: int


@dataclass(frozen=True)
class ProposalMoved(News):
    """Other words for a scene, as a paid writer proposes them."""

    kind = "videos.proposal_moved"
    video_id: int
    proposal_id: int
    scene: str
    state: str


@dataclass(frozen=True)
class VersionNamed(News):
    kind = "videos.version_named"
    video_id: int
    number: int
    name: str


@dataclass(frozen=True)
class VoiceConsentRecorded(News):
    kind = "videos.voice_consent_recorded"
    consent_id: int
    voice: str
    voice_name: str
    person: str
    statement: int
    by_id: int | None


@dataclass(frozen=True)
class VoiceConsentWithdrawn(News):
    kind = "videos.voice_consent_withdrawn"
    consent_id: int
    voice: str
    voice_name: str
    by_id: int | None


@dataclass(frozen=True)
class AssetAdded(News):
    kind = "videos.asset_added"
    asset_id: int
    name: str
    asset_kind: str


@dataclass(frozen=True)
class AssetReady(News):
    kind = "videos.asset_ready"
    asset_id: int


@dataclass(frozen=True)
class AssetRefused(News):
    kind = "videos.asset_refused"
    asset_id: int
    reason: str


@dataclass(frozen=True)
class AssetRenamed(News):
    kind = "videos.asset_renamed"
    asset_id: int
    name: str


@dataclass(frozen=True)
class AssetDeleted(News):
    kind = "videos.asset_deleted"
    asset_id: int
    name: str


@dataclass(frozen=True)
class ProviderChanged(News):
    """The next of the route took over for one that failed."""

    kind = "videos.provider_changed"
    video_id: int
    stage: str
    provider_kind: str
    was: str
    now: str
    why: str
