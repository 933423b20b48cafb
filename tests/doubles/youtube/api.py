"""The doors of the Data API and Analytics: who asks, may they, what does it cost, then the work."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.doubles.youtube import analytics, document, lists, uploading, videos
from tests.doubles.youtube.document import Method
from tests.doubles.youtube.faults import REFUSALS
from tests.doubles.youtube.sign_in import Token
from tests.doubles.youtube.talk import Answer, Asked, Refusal, video_gone
from tests.doubles.youtube.world import Channel, World

INSUFFICIENT = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "domain": "googleapis.com",
}
LOGIN = (
    "Request is missing required authentication credential. Expected OAuth 2 access token, login "
    "cookie or other valid authentication credential."
)
Work = Callable[[Asked, World, Any], Answer]
WORK: Mapping[str, Work] = {
    "youtube.videos.list": videos.list_,
    "youtube.videos.update": videos.update,
    "youtube.videos.delete": videos.delete,
    "youtube.videos.batchGetStats": lambda asked, world, _: videos.stats(asked, world),
    "youtube.channels.list": videos.channels,
    "youtube.search.list": videos.search,
    "youtube.captions.list": lists.captions,
    "youtube.captions.delete": lists.delete_caption,
    "youtube.playlists.list": lists.playlists,
    "youtube.playlists.insert": lists.insert_playlist,
    "youtube.playlistItems.list": lists.items,
    "youtube.playlistItems.insert": lists.insert_item,
    "youtube.playlistItems.delete": lists.delete_item,
}
UPLOADS = {
    "youtube.videos.insert",
    "youtube.thumbnails.set",
    "youtube.captions.insert",
    "youtube.captions.update",
}
MAKES = {
    "youtube.videos.insert": videos.insert,
    "youtube.captions.insert": lists.insert_caption,
    "youtube.captions.update": lists.update_caption,
}
WITHOUT_CHANNEL = {
    "youtube.videos.list",
    "youtube.videos.batchGetStats",
    "youtube.channels.list",
    "youtube.search.list",
    "youtube.playlists.list",
    "youtube.playlistItems.list",
    "youtubeAnalytics.reports.query",
}


def refusal(how: str) -> Refusal:
    status, reason, domain, text = REFUSALS[how]
    return Refusal(status, reason, text, domain)


def answer(asked: Asked, world: World) -> Answer | None:
    """None where no method is at that path. Raises Refusal."""
    if asked.method in ("PUT", "DELETE") and "upload_id" in asked.query:
        return _of_session(asked, world)
    method, is_media = document.method_of(asked.method, asked.path)
    is_known = method and (method.id in WORK or method.id in UPLOADS or "reports" in method.id)
    if method is None or not is_known:
        return None
    asked.note["method"] = method.id
    token = _token(asked, world)
    _check_scopes(method, token)
    channel = _channel(asked, world, method, token)
    charged = world.quota.charge(method.id, token.grant.account, world.now())
    asked.note["charged"] = charged
    try:
        document.check_query(asked, method)
        return _worked(asked, world, method, is_media, channel, token)
    except Refusal as no:
        if no.status == 400:
            charged = world.quota.give_back_all_but_one(charged, world.now())
            asked.note["charged"] = charged
        raise


def _token(asked: Asked, world: World) -> Token:
    if not asked.bearer:
        raise Refusal(401, "required", LOGIN, place="Authorization", place_kind="header")
    token: Token | None = world.tokens.get(asked.bearer)
    if token is None or token.dies_at <= world.now():
        raise refusal("unauthorized")
    channel = token.grant.channel
    asked.note["account"] = token.grant.account
    asked.note["channel"] = channel.id if channel else ""
    asked.note["owner"] = channel.id if channel else token.grant.account
    return token


def _check_scopes(method: Method, token: Token) -> None:
    if not set(method.scopes) & token.scopes:
        raise Refusal(
            403,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
            details=(INSUFFICIENT,),
        )


def _channel(asked: Asked, world: World, method: Method, token: Token) -> Channel | None:
    own = token.grant.channel
    for state in (world.accounts[token.grant.account].state, own.state if own else ""):
        if state in ("suspended", "closed"):
            raise refusal(state)
    if own is None and method.id not in WITHOUT_CHANNEL:
        raise refusal("no_channel")
    return own


def _worked(
    asked: Asked,
    world: World,
    method: Method,
    is_media: bool,
    channel: Channel | None,
    token: Token,
) -> Answer:
    if method.id in UPLOADS:
        assert channel is not None
        return _media(asked, world, method, is_media, channel)
    if method.id.startswith("youtubeAnalytics."):
        return analytics.query(asked, world, channel, token.scopes)
    if method.body_schema() is not None:
        document.check_parts(asked, method, asked.body)
        document.check_body(asked, method, asked.body)
    else:
        if asked.raw:
            raise asked.violation("The method takes no body.")
        if "part" in method.about["parameters"] and "batchGetStats" not in method.id:
            document.check_parts(asked, method, None)
    return WORK[method.id](asked, world, channel)


def _media(asked: Asked, world: World, method: Method, is_media: bool, channel: Channel) -> Answer:
    """The resource is judged before the media come, as far as it can be."""
    if not is_media and method.id != "youtube.captions.update":
        raise Refusal(400, "mediaBodyRequired", "The request does not include media content.")
    body = asked.body if not is_media else uploading.resource(asked)
    if method.id == "youtube.thumbnails.set":
        return _thumbnail(asked, world, method, channel)
    document.check_parts(asked, method, body)
    document.check_body(asked, method, body)
    if method.id == "youtube.videos.insert":
        videos.check_metadata(body, world)
        videos.may_upload(channel, world)
    elif method.id == "youtube.captions.insert":
        lists.check_caption(world, channel, body)
    elif not is_media:
        return lists.update_caption(asked, world, channel, body, None)
    make = MAKES[method.id]

    def finish(now: Asked, media: uploading.Media) -> Answer:
        return make(_with_query(now, asked), world, channel, body, media)

    return uploading.accept(asked, method, world, finish)


def _with_query(now: Asked, first: Asked) -> Asked:
    """What ends an upload is answered as its first request asked."""
    now.query = first.query
    return now


def _thumbnail(asked: Asked, world: World, method: Method, channel: Channel) -> Answer:
    video = world.videos.get(asked.value("videoId"))
    if video is None:
        raise video_gone()
    if video.channel is not channel or not channel.custom_thumbnails:
        text = "The authenticated user doesn't have permissions to upload and set custom video "
        text += "thumbnails."
        raise Refusal(403, "forbidden", text, "youtube.thumbnail")
    return uploading.accept(
        asked, method, world, lambda now, media: videos.thumbnail(now, world, video, media)
    )


def _of_session(asked: Asked, world: World) -> Answer:
    _token(asked, world)
    if asked.method == "DELETE":
        world.sessions.pop(asked.value("upload_id"), None)
        return Answer(b"", status=499)
    return uploading.put(asked, world)
