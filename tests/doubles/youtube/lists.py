"""`captions`, `playlists` and `playlistItems` of the Data API."""

from typing import Any

from tests.doubles.youtube import shapes
from tests.doubles.youtube.talk import Answer, Asked, Refusal, forbidden, told, video_gone
from tests.doubles.youtube.uploading import Media
from tests.doubles.youtube.world import Caption, Channel, Playlist, World, made_id, spelled

NO_PLAYLIST = (
    "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
)


def _caption(caption: Caption) -> dict[str, Any]:
    found = {"kind": "youtube#caption", "id": caption.id, "snippet": caption.snippet}
    return {**found, "etag": shapes.etag(found)}


def captions(asked: Asked, world: World, channel: Channel) -> Answer:
    video = world.videos.get(asked.value("videoId"))
    if video is None:
        raise video_gone()
    if video.channel is not channel:
        raise forbidden("youtube.caption")
    ids = asked.values("id")
    found = [
        one for one in world.captions.values() if one.video is video and (not ids or one.id in ids)
    ]
    return told(
        {
            "kind": "youtube#captionListResponse",
            "etag": shapes.etag([one.id for one in found]),
            "items": [_caption(one) for one in found],
        }
    )


def check_caption(world: World, channel: Channel, body: dict[str, Any]) -> None:
    """Before the track itself comes. Raises Refusal."""
    snippet = body.get("snippet", {})
    video = world.videos.get(snippet.get("videoId", ""))
    if video is None:
        text = "The video identified by the <code>videoId</code> parameter could not be found."
        raise Refusal(404, "videoNotFound", text, "youtube.caption")
    if video.channel is not channel:
        raise forbidden("youtube.caption")
    key = (snippet["language"], snippet["name"])
    for one in world.captions.values():
        if one.video is video and (one.snippet["language"], one.snippet["name"]) == key:
            text = (
                "The specified video already has a caption track with the given language and name."
            )
            raise Refusal(409, "captionExists", text, "youtube.caption")


def insert_caption(
    asked: Asked, world: World, channel: Channel, body: dict[str, Any], media: Media
) -> Answer:
    check_caption(world, channel, body)
    snippet = {
        "trackKind": "standard",
        "audioTrackType": "unknown",
        "isCC": False,
        "isLarge": False,
        "isEasyReader": False,
        "isDraft": False,
        "isAutoSynced": False,
        **body["snippet"],
        "lastUpdated": spelled(world.now()),
        "status": "serving",
    }
    name = f"AUieDa{made_id(38, 'caption', world.number())}"
    video = world.videos[snippet["videoId"]]
    caption = Caption(name, video, snippet, _text(media))
    _judge(caption)
    with world.turn:
        world.captions[name] = caption
    asked.note |= {"video": video.id, "sha256": media.store.sha256, "bytes": media.store.size}
    return told(_caption(caption))


def update_caption(
    asked: Asked, world: World, channel: Channel, body: dict[str, Any], media: Media | None
) -> Answer:
    caption = _own_caption(world, channel, body["id"])
    if "isDraft" in body.get("snippet", {}):
        caption.snippet["isDraft"] = body["snippet"]["isDraft"]
    if media is not None:
        caption.text = _text(media)
        caption.snippet |= {"lastUpdated": spelled(world.now()), "status": "serving"}
        caption.snippet.pop("failureReason", None)
        _judge(caption)
    return told(_caption(caption))


def _text(media: Media) -> bytes:
    raw = media.store.read()
    if not raw.strip():
        text = "The request does not contain caption content."
        raise Refusal(400, "contentRequired", text, "youtube.caption")
    return raw


def _judge(caption: Caption) -> None:
    if b"-->" not in caption.text and b"<" not in caption.text:
        caption.snippet |= {"status": "failed", "failureReason": "unknownFormat"}


def _own_caption(world: World, channel: Channel, name: str) -> Caption:
    caption = world.captions.get(name)
    if caption is None:
        raise Refusal(
            404, "captionNotFound", "The caption track could not be found.", "youtube.caption"
        )
    if caption.video.channel is not channel:
        raise forbidden("youtube.caption")
    return caption


def delete_caption(asked: Asked, world: World, channel: Channel) -> Answer:
    caption = _own_caption(world, channel, asked.value("id"))
    with world.turn:
        del world.captions[caption.id]
    return Answer(b"", status=204)


def _playlist(playlist: Playlist, parts: list[str]) -> dict[str, Any]:
    snippet = {
        "description": "",
        **playlist.parts["snippet"],
        "channelId": playlist.channel.id,
        "channelTitle": playlist.channel.title,
        "publishedAt": spelled(playlist.made_at),
    }
    whole = {
        "snippet": snippet,
        "status": {"privacyStatus": "public", **playlist.parts.get("status", {})},
        "contentDetails": {"itemCount": len(playlist.items)},
    }
    found = {"kind": "youtube#playlist", "id": playlist.id}
    found |= {name: whole[name] for name in parts if name in whole}
    return {**found, "etag": shapes.etag(found)}


def playlists(asked: Asked, world: World, channel: Channel | None) -> Answer:
    ids, of = asked.values("id"), asked.value("channelId")
    found = sorted(world.playlists.values(), key=lambda one: (-one.made_at, one.id))
    if asked.value("mine") == "true":
        found = [one for one in found if one.channel is channel]
    elif ids or of:
        found = [one for one in found if one.id in ids or one.channel.id == of]
    else:
        text = "No filter selected. Expected one of: channelId, id, mine"
        raise Refusal(400, "missingRequiredParameter", text, "youtube.parameter")
    return shapes.paged(asked, "playlist", [_playlist(one, asked.values("part")) for one in found])


def insert_playlist(asked: Asked, world: World, channel: Channel) -> Answer:
    if not asked.body.get("snippet", {}).get("title", "").strip():
        text = "The request must specify a playlist title."
        raise Refusal(400, "playlistTitleRequired", text, "youtube.playlist")
    name = f"PL{made_id(32, 'playlist', world.number())}"
    parts = {key: asked.body[key] for key in ("snippet", "status") if key in asked.body}
    playlist = Playlist(name, channel, parts, made_at=world.now())
    with world.turn:
        world.playlists[name] = playlist
    return told(_playlist(playlist, asked.values("part")))


def _found_playlist(world: World, name: str) -> Playlist:
    """One that was made, or that of a channel's uploads."""
    if name in world.playlists:
        return world.playlists[name]
    owner = world.channels.get(f"UC{name[2:]}") if name.startswith("UU") else None
    if owner is None:
        raise Refusal(404, "playlistNotFound", NO_PLAYLIST, "youtube.playlistItem")
    items = [
        (made_id(48, "item", one.id), one.id, one.uploaded_at) for one in world.uploads_of(owner)
    ]
    parts = {"snippet": {"title": "Uploads"}, "status": {"privacyStatus": "public"}}
    return Playlist(name, owner, parts, items)


def _item(
    asked: Asked, world: World, playlist: Playlist, position: int, parts: list[str]
) -> dict[str, Any]:
    name, video_id, at = playlist.items[position]
    video = world.freshen(world.videos[video_id])
    whole = {
        "snippet": {
            "publishedAt": spelled(at),
            "channelId": playlist.channel.id,
            "channelTitle": playlist.channel.title,
            "title": video.snippet["title"],
            "description": video.snippet["description"],
            "thumbnails": shapes.pictures(asked.address, video),
            "playlistId": playlist.id,
            "position": position,
            "resourceId": {"kind": "youtube#video", "videoId": video_id},
            "videoOwnerChannelId": video.channel.id,
            "videoOwnerChannelTitle": video.channel.title,
        },
        "contentDetails": {"videoId": video_id, "videoPublishedAt": spelled(video.published_at)},
        "status": {"privacyStatus": video.status["privacyStatus"]},
    }
    if not video.published_at:
        del whole["contentDetails"]["videoPublishedAt"]
    found = {"kind": "youtube#playlistItem", "id": name}
    found |= {key: whole[key] for key in parts if key in whole}
    return {**found, "etag": shapes.etag(found)}


def items(asked: Asked, world: World, channel: Channel | None) -> Answer:
    if not asked.value("playlistId"):
        text = "No filter selected. Expected one of: id, playlistId"
        raise Refusal(400, "missingRequiredParameter", text, "youtube.parameter")
    playlist = _found_playlist(world, asked.value("playlistId"))
    wanted = asked.value("videoId")
    parts = asked.values("part")
    shown = []
    for position, (_, video_id, _at) in enumerate(playlist.items):
        video = world.freshen(world.videos[video_id])
        if wanted in ("", video_id) and (
            video.channel is channel or video.status["privacyStatus"] != "private"
        ):
            shown.append(_item(asked, world, playlist, position, parts))
    return shapes.paged(asked, "playlistItem", shown)


def insert_item(asked: Asked, world: World, channel: Channel) -> Answer:
    snippet = asked.body["snippet"]
    playlist = world.playlists.get(snippet["playlistId"])
    if playlist is None:
        raise Refusal(404, "playlistNotFound", NO_PLAYLIST, "youtube.playlistItem")
    if playlist.channel is not channel:
        raise forbidden("youtube.playlistItem")
    video_id = snippet["resourceId"].get("videoId", "")
    if video_id not in world.videos:
        raise Refusal(404, "videoNotFound", "Video not found.", "youtube.playlistItem")
    with world.turn:
        name = f"UE{made_id(64, 'item', world.number())}"
        at = min(int(snippet.get("position", len(playlist.items))), len(playlist.items))
        playlist.items.insert(at, (name, video_id, world.now()))
    asked.note["video"] = video_id
    return told(_item(asked, world, playlist, at, asked.values("part")))


def delete_item(asked: Asked, world: World, channel: Channel) -> Answer:
    name = asked.value("id")
    for playlist in world.playlists.values():
        if any(one[0] == name for one in playlist.items):
            if playlist.channel is not channel:
                raise forbidden("youtube.playlistItem")
            with world.turn:
                playlist.items = [one for one in playlist.items if one[0] != name]
            return Answer(b"", status=204)
    raise Refusal(404, "playlistItemNotFound", "Playlist item not found.", "youtube.playlistItem")
