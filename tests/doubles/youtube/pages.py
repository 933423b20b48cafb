"""Enough of youtube.com that somebody can see what was published, and hear it."""

import re
from html import escape
from urllib.parse import urlencode

from tests.doubles.youtube.sign_in import page
from tests.doubles.youtube.talk import Answer, Asked
from tests.doubles.youtube.world import Channel, Video, World, spelled

TIMES = re.compile(rb"(\d\d:\d\d:\d\d),(\d{3})")
NO_PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="480" height="360">'
    b'<rect width="100%" height="100%" fill="#222"/></svg>'
)


def answer(asked: Asked, world: World) -> Answer | None:
    path = asked.path
    if path == "/":
        return _home(world)
    if path == "/watch":
        return _watch(world, asked.value("v"))
    if found := re.fullmatch(r"/channel/(UC[\w-]{22})", path):
        return _channel(world, found[1])
    if found := re.fullmatch(r"/media/([\w-]{11})", path):
        return _media(asked, world, found[1])
    if found := re.fullmatch(r"/vi/([\w-]{11})/\w+\.jpg", path):
        return _picture(world, found[1])
    if found := re.fullmatch(r"/ch/(UC[\w-]{22})\.svg", path):
        return Answer(NO_PICTURE, "image/svg+xml")
    if found := re.fullmatch(r"/track/([\w-]+)\.vtt", path):
        return _track(world, found[1])
    return None


def _home(world: World) -> Answer:
    rows = [
        f'<li><a href="/channel/{one.id}">{escape(one.title)}</a> '
        f"<small>{escape(one.account)}</small>"
        for one in world.channels.values()
    ]
    return page("A stand-in for YouTube", f"<ul>{''.join(rows)}</ul>")


def _seen(world: World, name: str) -> Video | None:
    """Private ones as well: whoever started the stand-in owns all channels."""
    return world.freshen(world.videos[name]) if name in world.videos else None


def _watch(world: World, name: str) -> Answer:
    video = _seen(world, name)
    if video is None:
        return page("Video unavailable", "<p>This video isn't available anymore.</p>", 404)
    tracks = "".join(
        f'<track kind="captions" src="/track/{one.id}.vtt" default'
        f' srclang="{escape(one.snippet["language"])}"'
        f' label="{escape(one.snippet["name"] or one.snippet["language"])}">'
        for one in world.captions.values()
        if one.video is video
    )
    due = video.status.get("publishAt")
    when = f"goes public at {due}" if due else video.status["privacyStatus"]
    title, channel = video.snippet["title"], video.channel
    body = (
        f'<video controls width="100%" poster="/vi/{video.id}/high.jpg" src="/media/{video.id}">'
        f'{tracks}</video><p><a href="/channel/{channel.id}">{escape(channel.title)}</a>'
        f" · {when}</p>"
        f'<p style="white-space:pre-wrap">{escape(video.snippet["description"])}</p>'
        f"<p>{' '.join('#' + escape(one) for one in video.snippet.get('tags', []))}</p>"
    )
    return page(title, body)


def _channel(world: World, name: str) -> Answer:
    channel: Channel | None = world.channels.get(name)
    if channel is None:
        return page("This page isn't available", "", 404)
    rows = []
    for video in world.uploads_of(channel):
        world.freshen(video)
        place = f"/watch?{urlencode({'v': video.id})}"
        told = f"{video.status['privacyStatus']}, {spelled(video.uploaded_at)}"
        rows.append(
            f'<li><a href="{place}"><img src="/vi/{video.id}/default.jpg" width="120" alt=""> '
            f"{escape(video.snippet['title'])}</a> <small>{told}</small>"
        )
    return page(channel.title, f"<ul>{''.join(rows)}</ul>")


def _media(asked: Asked, world: World, name: str) -> Answer | None:
    video = _seen(world, name)
    if video is None or video.file is None:
        return None
    start, end = 0, video.size - 1
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
    heads = {"Accept-Ranges": "bytes"}
    if not found:
        return Answer(kind=video.kind, headers=heads, file=(video.file, start, end))
    start, end = int(found[1]), min(int(found[2] or end), end)
    heads["Content-Range"] = f"bytes {start}-{end}/{video.size}"
    return Answer(kind=video.kind, status=206, headers=heads, file=(video.file, start, end))


def _picture(world: World, name: str) -> Answer | None:
    video = _seen(world, name)
    if video is None:
        return None
    if not video.thumbnail:
        return Answer(NO_PICTURE, "image/svg+xml")
    return Answer(video.thumbnail, video.thumbnail_kind)


def _track(world: World, name: str) -> Answer | None:
    caption = world.captions.get(name)
    if caption is None:
        return None
    text = caption.text.removeprefix(b"\xef\xbb\xbf")
    if not text.startswith(b"WEBVTT"):
        text = b"WEBVTT\n\n" + TIMES.sub(rb"\1.\2", text)
    return Answer(text, "text/vtt; charset=utf-8")
