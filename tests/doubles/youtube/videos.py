"""`videos`, `thumbnails`, `channels` and `search` of the Data API."""

import hashlib
import re
from typing import Any

from tests.doubles.ai import dice
from tests.doubles.youtube import figures, shapes
from tests.doubles.youtube.talk import Answer, Asked, Refusal, forbidden, told, video_gone
from tests.doubles.youtube.uploading import Media
from tests.doubles.youtube.world import Channel, Video, World, made_id, read_time, spelled

CATEGORIES = {
    "1",
    "2",
    "10",
    "15",
    "17",
    "19",
    "20",
    "22",
    "23",
    "24",
    "25",
    "26",
    "27",
    "28",
    "29",
}
DAY_S = 86_400
WRITABLE = {
    "snippet": ("title", "description", "tags", "categoryId", "defaultLanguage",
                "defaultAudioLanguage"),
    "status": ("privacyStatus", "publishAt", "license", "embeddable", "publicStatsViewable",
               "selfDeclaredMadeForKids", "containsSyntheticMedia"),
    "localizations": None,
    "paidProductPlacementDetails": ("hasPaidProductPlacement",),
    "recordingDetails": ("recordingDate",),
}  # fmt: skip
KIND_OF_PICTURE = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def _invalid(what: str, place: str) -> Refusal:
    names = {"Title": "title", "Description": "description", "Tags": "keywords"}
    text = f"The request metadata specifies an invalid {names.get(what, what)}."
    if what == "Title":
        text = "The request metadata specifies an invalid or empty video title."
    if what == "PublishAt":
        text = "The request metadata specifies an invalid scheduled publishing time."
    reason, domain = f"invalid{what}", "youtube.video"
    return Refusal(400, reason, text, domain, f"body.{place}", "other")


def check_metadata(parts: dict[str, Any], world: World, video: Video | None = None) -> None:
    """By the limits of the reference. Raises Refusal."""
    snippet, status = parts.get("snippet"), parts.get("status") or {}
    if snippet is not None or video is None:
        _check_snippet(snippet or {})
    if "publishAt" in status:
        privacy = status.get("privacyStatus") or (video and video.status["privacyStatus"])
        was_out = video is not None and video.published_at
        if privacy != "private" or was_out or read_time(status["publishAt"]) <= world.now():
            raise _invalid("PublishAt", "status.publishAt")


def _check_snippet(snippet: dict[str, Any]) -> None:
    title, text = snippet.get("title", ""), snippet.get("description", "")
    if not title.strip() or len(title) > 100 or set(title) & set("<>"):
        raise _invalid("Title", "snippet.title")
    if len(text.encode()) > 5_000 or set(text) & set("<>"):
        raise _invalid("Description", "snippet.description")
    tags = snippet.get("tags", [])
    # a tag with a space counts as if it were quoted, and commas count between them
    if sum(len(one) + 2 * (" " in one) for one in tags) + max(0, len(tags) - 1) > 500:
        raise _invalid("Tags", "snippet.tags")
    if any(set(one) & set("<>") for one in tags):
        raise _invalid("Tags", "snippet.tags")
    if snippet.get("categoryId", "22") not in CATEGORIES:
        raise _invalid("CategoryId", "snippet.categoryId")


def written(parts: dict[str, Any], names: list[str]) -> dict[str, dict[str, Any]]:
    """What of a body is taken: the writable fields of the named parts."""
    found = {}
    for name in names:
        if name in WRITABLE and name in parts:
            fields = WRITABLE[name]
            found[name] = {
                key: value for key, value in parts[name].items() if fields is None or key in fields
            }
    return found


def may_upload(channel: Channel, world: World) -> None:
    since = world.now() - DAY_S
    if channel.daily_uploads and len(world.uploads_of(channel, since)) >= channel.daily_uploads:
        text = "The user has exceeded the number of videos they may upload."
        raise Refusal(400, "uploadLimitExceeded", text, "youtube.video")


def insert(
    asked: Asked, world: World, channel: Channel, body: dict[str, Any], media: Media
) -> Answer:
    parts = {
        "snippet": {"categoryId": "22", "description": ""},
        "status": {},
    }
    for name, fields in written(body, asked.values("part")).items():
        parts.setdefault(name, {}).update(fields)
    # since November 2026 what says nothing is public
    defaults = {"privacyStatus": "public", "license": "youtube", "embeddable": True}
    parts["status"] = {**defaults, "publicStatsViewable": True, **parts["status"]}
    plan = world.processing
    with world.turn:
        video = Video(
            made_id(11, "video", world.number(), media.store.sha256),
            channel,
            parts,
            media.store.size,
            media.store.sha256,
            media.kind,
            media.store.path,
            world.now(),
            asked.value("notifySubscribers", "true") == "true",
            outcome=plan.outcome,
            reason=plan.reason,
        )
        world.videos[video.id] = video
    world.freshen(video)
    asked.note |= {"video": video.id, "sha256": video.sha256, "bytes": video.size}
    return told(shapes.shown(asked, world, video, asked.values("part")))


def owned(world: World, channel: Channel | None, name: str, verb: str = "update") -> Video:
    video = world.videos.get(name)
    if video is None:
        raise video_gone(verb)
    if video.channel is not channel:
        raise forbidden()
    return video


def list_(asked: Asked, world: World, channel: Channel | None) -> Answer:
    wanted = asked.values("id")
    if not wanted:
        text = "No filter selected. Expected one of: chart, id, myRating"
        raise Refusal(400, "missingRequiredParameter", text, "youtube.parameter")
    if len(wanted) > 50:
        raise asked.violation("The number of IDs exceeds 50.", "invalidFilters")
    parts = asked.values("part")
    found = [world.freshen(world.videos[one]) for one in wanted if one in world.videos]
    seen = [v for v in found if v.channel is channel or v.status["privacyStatus"] != "private"]
    is_private = {"processingDetails", "fileDetails", "suggestions"} & set(parts)
    if is_private and any(one.channel is not channel for one in seen):
        raise forbidden()
    for one in seen:
        if {"status", "processingDetails"} & set(parts):
            one.polls += 1
    return shapes.listed("video", [shapes.shown(asked, world, one, parts) for one in seen])


def update(asked: Asked, world: World, channel: Channel) -> Answer:
    video = owned(world, channel, asked.body["id"])
    snippet = asked.body.get("snippet")
    if snippet is not None and "categoryId" not in snippet:
        raise _invalid("CategoryId", "snippet.categoryId")
    check_metadata(asked.body, world, world.freshen(video))
    with world.turn:
        for name, fields in written(asked.body, asked.values("part")).items():
            # a part that is written is written as a whole: what it leaves out is gone
            kept = {"privacyStatus": video.status["privacyStatus"]} if name == "status" else {}
            kept = {"description": ""} if name == "snippet" else kept
            video.parts[name] = {**kept, **fields}
    world.freshen(video)
    asked.note["video"] = video.id
    return told(shapes.shown(asked, world, video, asked.values("part")))


def delete(asked: Asked, world: World, channel: Channel) -> Answer:
    video = owned(world, channel, asked.value("id"), "delete")
    with world.turn:
        del world.videos[video.id]
        world.captions = {k: c for k, c in world.captions.items() if c.video is not video}
        for playlist in world.playlists.values():
            playlist.items = [one for one in playlist.items if one[1] != video.id]
    asked.note["video"] = video.id
    return Answer(b"", status=204)


def thumbnail(asked: Asked, world: World, video: Video, media: Media) -> Answer:
    raw = media.store.read()
    kind = next((kind for head, kind in KIND_OF_PICTURE.items() if raw.startswith(head)), "")
    if not kind:
        text = "The provided image content is invalid."
        raise Refusal(400, "invalidImage", text, "youtube.thumbnail")
    video.thumbnail, video.thumbnail_kind = raw, kind
    asked.note |= {"video": video.id, "sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
    item = shapes.pictures(asked.address, video)
    return told(
        {"kind": "youtube#thumbnailSetResponse", "etag": shapes.etag(item), "items": [item]}
    )


def stats(asked: Asked, world: World) -> Answer:
    wanted = asked.values("id")
    if not wanted or len(wanted) > 50:
        raise asked.violation("One to fifty ids are needed.", "invalidFilters")
    items = []
    for name in wanted:
        if name in world.videos:
            video = world.freshen(world.videos[name])
            counts = figures.totals(video, world.now())
            items.append(
                {
                    "kind": "youtube#videoStat",
                    "id": name,
                    "statistics": {
                        "viewCount": str(counts["views"]),
                        "likeCount": str(counts["likes"]),
                        "commentCount": str(counts["comments"]),
                    },
                }
            )
    return told(
        {"kind": "youtube#batchGetStatsResponse", "etag": shapes.etag(items), "items": items}
    )


def channels(asked: Asked, world: World, channel: Channel | None) -> Answer:
    if asked.value("mine") == "true":
        found = [channel] if channel else []
    elif asked.values("id"):
        found = [world.channels[one] for one in asked.values("id") if one in world.channels]
    else:
        text = "No filter selected. Expected one of: forHandle, forUsername, id, managedByMe, mine"
        raise Refusal(400, "missingRequiredParameter", text, "youtube.parameter")
    if not found:  # an answer without items has none at all
        info = {"totalResults": 0, "resultsPerPage": 5}
        return told(
            {"kind": "youtube#channelListResponse", "etag": shapes.etag([]), "pageInfo": info}
        )
    parts = asked.values("part")
    return shapes.listed("channel", [_channel(asked, world, one, parts) for one in found])


def _channel(asked: Asked, world: World, channel: Channel, parts: list[str]) -> dict[str, Any]:
    videos = world.uploads_of(channel)
    views = sum(figures.totals(one, world.now())["views"] for one in videos)
    whole = {
        "snippet": {
            "title": channel.title,
            "description": "",
            "customUrl": f"@{re.sub('[^a-z]', '', channel.title.lower())}",
            "publishedAt": spelled(channel.made_at),
            "thumbnails": {"default": {"url": f"{asked.address}/ch/{channel.id}.svg"}},
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": channel.uploads}},
        "statistics": {
            "viewCount": str(views),
            "subscriberCount": str(1_000 + dice.number(channel.id) % 9_000),
            "hiddenSubscriberCount": False,
            "videoCount": str(len(videos)),
        },
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "allowed"},
    }
    found = {"kind": "youtube#channel", "id": channel.id}
    found |= {name: whole[name] for name in parts if name in whole}
    return {**found, "etag": shapes.etag(found)}


def search(asked: Asked, world: World, channel: Channel | None) -> Answer:
    words = asked.value("q").lower()
    is_mine = asked.value("forMine") == "true"
    if is_mine and asked.value("type") != "video":
        raise Refusal(400, "incompatibleParameters", "forMine needs type=video.", "youtube.search")
    found = []
    for video in sorted(world.videos.values(), key=lambda one: (-one.uploaded_at, one.id)):
        world.freshen(video)
        if is_mine and video.channel is not channel:
            continue
        if not is_mine and video.status["privacyStatus"] != "public":
            continue
        if asked.value("channelId") not in ("", video.channel.id):
            continue
        if words in f"{video.snippet['title']} {video.snippet['description']}".lower():
            found.append(video)
    items = [
        {
            "kind": "youtube#searchResult",
            "etag": shapes.etag(one.id),
            "id": {"kind": "youtube#video", "videoId": one.id},
            "snippet": shapes.snippet_of(asked, one),
        }
        for one in found
    ]
    return shapes.paged(asked, "search", items)
