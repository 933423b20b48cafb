"""How videos look in answers, part by part."""

import json
import re
import subprocess
from typing import Any

from tests.doubles.youtube import figures
from tests.doubles.youtube.talk import Answer, Asked, Refusal, told
from tests.doubles.youtube.world import Video, World, made_id, spelled


def etag(content: Any) -> str:
    return made_id(27, json.dumps(content, sort_keys=True))


def listed(name: str, items: list[Any], **more: Any) -> Answer:
    content = {"kind": f"youtube#{name}ListResponse", "etag": etag(items), "items": items, **more}
    info = {"totalResults": len(items), "resultsPerPage": len(items)}
    return told({"pageInfo": info, **content})


def paged(asked: Asked, name: str, items: list[Any]) -> Answer:
    """A page of them: the token tells where it begins."""
    size = int(asked.value("maxResults", "5"))
    token = asked.value("pageToken")
    if token and not re.fullmatch(r"CA\d+", token):
        raise Refusal(400, "invalidPageToken", "The request specifies an invalid page token.")
    start = int(token[2:] or 0) if token else 0
    more: dict[str, Any] = {"pageInfo": {"totalResults": len(items), "resultsPerPage": size}}
    if start + size < len(items):
        more["nextPageToken"] = f"CA{start + size}"
    return listed(name, items[start : start + size], **more)


def shown(asked: Asked, world: World, video: Video, parts: list[str]) -> dict[str, Any]:
    """The resource, in those parts."""
    makers = {
        "snippet": lambda: snippet_of(asked, video),
        "status": lambda: _status(world, video),
        "processingDetails": lambda: _processing(world, video),
        "fileDetails": lambda: _file(video),
        "contentDetails": lambda: _content(video),
        "statistics": lambda: _statistics(world, video),
        "player": lambda: {
            "embedHtml": f'<iframe src="{asked.address}/embed/{video.id}"></iframe>'
        },
    }
    found: dict[str, Any] = {"kind": "youtube#video", "id": video.id}
    for name in parts:
        if name in makers:
            found[name] = makers[name]()
        elif name in video.parts:
            found[name] = video.parts[name]
    return {**found, "etag": etag(found)}


def snippet_of(asked: Asked, video: Video) -> dict[str, Any]:
    told_of = video.snippet
    return {
        **told_of,
        "publishedAt": spelled(video.published_at or video.uploaded_at),
        "channelId": video.channel.id,
        "channelTitle": video.channel.title,
        "thumbnails": pictures(asked.address, video),
        "liveBroadcastContent": "none",
        "localized": {"title": told_of["title"], "description": told_of["description"]},
    }


def _status(world: World, video: Video) -> dict[str, Any]:
    kids = bool(video.status.get("selfDeclaredMadeForKids"))
    found = {**video.status, "madeForKids": kids, "uploadStatus": "uploaded"}
    if world.is_processed(video):
        found["uploadStatus"] = video.outcome
        if video.outcome in ("failed", "rejected"):
            name = "failureReason" if video.outcome == "failed" else "rejectionReason"
            found[name] = video.reason
    return found


def _processing(world: World, video: Video) -> dict[str, Any]:
    if not world.is_processed(video):
        done = min(9, video.polls)
        progress = {"partsTotal": "10", "partsProcessed": str(done), "timeLeftMs": "4000"}
        return {"processingStatus": "processing", "processingProgress": progress}
    failed = video.outcome == "failed"
    found = {
        "processingStatus": "failed" if failed else "succeeded",
        "fileDetailsAvailability": "available",
        "thumbnailsAvailability": "available",
    }
    return {**found, "processingFailureReason": "transcodeFailed"} if failed else found


def _file(video: Video) -> dict[str, Any]:
    return {
        "fileName": "video",
        "fileSize": str(video.size),
        "fileType": "video",
        "container": "mov",
        "durationMs": str(round(duration_s(video) * 1000)),
    }


def duration_s(video: Video) -> float:
    if video.duration_s is None:
        video.duration_s = _probed(video)
    return video.duration_s


def _probed(video: Video) -> float:
    if video.file is None or not video.file.exists():
        return 0.0
    ask = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
    try:
        said = subprocess.run([*ask, str(video.file)], capture_output=True, text=True, timeout=20)
        return float(said.stdout.strip() or 0)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0.0


def _content(video: Video) -> dict[str, Any]:
    whole = round(duration_s(video))
    minutes = f"{whole // 60}M" if whole >= 60 else ""
    return {
        "duration": f"PT{minutes}{whole % 60}S",
        "dimension": "2d",
        "definition": "hd",
        "caption": "false",
        "licensedContent": False,
        "projection": "rectangular",
    }


def _statistics(world: World, video: Video) -> dict[str, Any]:
    counts = figures.totals(video, world.now())
    return {
        "viewCount": str(counts["views"]),
        "likeCount": str(counts["likes"]),
        "favoriteCount": "0",
        "commentCount": str(counts["comments"]),
    }


def pictures(address: str, video: Video) -> dict[str, Any]:
    sizes = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}
    return {
        name: {"url": f"{address}/vi/{video.id}/{name}.jpg", "width": w, "height": h}
        for name, (w, h) in sizes.items()
    }
