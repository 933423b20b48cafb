"""The topics "video", "asset" and "costs": what happens to one of them, how far those are that are
being made, and what is spent meanwhile."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from billing import spending
from config.kit.registry import Tick, Topic
from teams.access import Actor
from videos import progress
from videos.models import Asset, AssetState, RunState, StageRun, Video
from videos.proposal_rows import Proposal, ProposalState


def sees(by: Actor, video_id: int) -> bool:
    return Video.objects.visible_to(by).filter(pk=video_id).exists()


def snapshot(by: Actor, video_id: int) -> Mapping[str, Any]:
    """Empty: it was deleted meanwhile."""
    video = Video.objects.visible_to(by).filter(pk=video_id).only("state", "reason", "version")
    found = video.first()
    if found is None:
        return {}
    told = {"state": found.state, "reason": found.reason, "version": found.version}
    return {**told, "progress": asdict(progress.of(found.runs.all()))}


def moving(team_ids: Collection[int]) -> Iterator[Tick]:
    """Five queries, however many videos are worked on in these teams."""
    running = StageRun.objects.filter(state=RunState.RUNNING, video__team__in=team_ids)
    teams = dict(running.order_by().values_list("video", "video__team"))
    runs: dict[int, list[StageRun]] = {}
    for run in StageRun.objects.filter(video__in=teams).defer("reason") if teams else ():
        runs.setdefault(run.video_id, []).append(run)
    for video_id, of_video in runs.items():
        yield Tick(teams[video_id], TOPIC.kind, video_id, asdict(progress.of(of_video)))
    asked = Proposal.objects.filter(state=ProposalState.ASKED, team__in=team_ids)
    buying = {**teams, **dict(asked.order_by().values_list("video", "team"))}
    for video_id, standing in (spending.standing(buying) if buying else {}).items():
        if standing.by_stage or standing.held_micros:
            yield Tick(buying[video_id], COSTS.kind, video_id, asdict(standing))


TOPIC = Topic("video", scope="videos:read", field="video_id", sees=sees, snapshot=snapshot)


# --- what a video costs


def sees_costs(by: Actor, video_id: int) -> bool:
    return by.can_see_costs and sees(by, video_id)


def costs_snapshot(by: Actor, video_id: int) -> Mapping[str, Any]:
    """Empty: it was deleted meanwhile."""
    if not sees_costs(by, video_id):
        return {}
    return asdict(spending.standing([video_id])[video_id])


COSTS = Topic(
    "costs",
    scope="costs:read",
    field="video_id",
    sees=sees_costs,
    snapshot=costs_snapshot,
    is_of_costs=True,
)


# --- a file of the library


def sees_asset(by: Actor, asset_id: int) -> bool:
    return Asset.objects.visible_to(by).filter(pk=asset_id).exists()


def asset_snapshot(by: Actor, asset_id: int) -> Mapping[str, Any]:
    """Empty: it was deleted meanwhile."""
    fields = ("name", "kind", "state", "reason", "fraction")
    return Asset.objects.visible_to(by).filter(pk=asset_id).values(*fields).first() or {}


def preparing(team_ids: Collection[int]) -> Iterator[Tick]:
    """One query, of what workers hold: what only waits does not move."""
    held = Asset.objects.filter(state=AssetState.PREPARING, lease_until__isnull=False)
    mine = held.filter(team__in=team_ids).values_list("team", "pk", "fraction")
    for team_id, asset_id, fraction in mine.order_by("pk"):
        yield Tick(team_id, ASSETS.kind, asset_id, {"fraction": fraction})


ASSETS = Topic(
    "asset", scope="assets:read", field="asset_id", sees=sees_asset, snapshot=asset_snapshot
)
