"""A person's way to Google and back: what they allow there is attached to a channel once they have
seen whose it is.

`begin` makes a state that one person can use once, within one team; `take` uses it; `keep` asks
Google what it gave; `attach` is their word that this is the channel. Tokens lie sealed all the way.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from channels_app import actions, google
from channels_app.models import Channel, Credential, CredentialState, SignIn
from channels_app.news import YouTubeConnected, YouTubeDisconnected
from channels_app.youtube import oauth
from channels_app.youtube.answers import Done, NoChannel, ScopeMissing, Suspended
from channels_app.youtube.client import Client
from channels_app.youtube.line import Line
from channels_app.youtube.oauth import ALLOWS, Ended, Granted
from channels_app.youtube.uploader import Token
from config.kit import jobs
from config.kit.database import after, verb
from config.kit.errors import Refused, Unavailable
from teams.access import Actor, Forbidden, team_for_edit
from teams.events import publish

REVOKE = "channels_app.tasks.revoke"
BACK_WITHIN = timedelta(minutes=10)
CONFIRM_WITHIN = timedelta(minutes=30)


class SignInOver(Refused):
    code = "sign_in_over"


class NotGranted(Refused):
    code = "youtube_not_granted"


class OtherChannel(Refused):
    code = "other_youtube_channel"


class ChannelTaken(Refused):
    code = "youtube_channel_taken"


OVER = (
    "This way to Google was used, is too old, or was begun by somebody else: begin again on the "
    "channel's page."
)


def begin(*, by: Actor, channel: Channel) -> str:
    """The address at Google where the person is asked. Raises Forbidden, NoProject."""
    state, verifier = secrets.token_urlsafe(32), oauth.new_verifier()
    address = google.door().consent(state, verifier)
    _begin(by=by, channel=channel, state=state, verifier=verifier)
    return address


@verb
def _begin(*, by: Actor, channel: Channel, state: str, verifier: str) -> None:
    team = team_for_edit(by, channel.team_id)
    if by.user_id is None or by.token_id is not None:
        raise Forbidden("Only a person in a browser connects a channel.")
    earlier = SignIn.objects.filter(user=by.user_id, channel=channel)
    earlier.filter(expires_at__gt=Now()).update(expires_at=Now())
    SignIn.objects.create(
        team=team,
        user_id=by.user_id,
        channel=channel,
        state_sha256=_hashed(state),
        verifier=verifier,
        expires_at=after(BACK_WITHIN),
    )


@verb
def take(*, by: Actor, state: str) -> SignIn:
    """The way that this state began: by the same person, in the same team, once. Raises SignInOver,
    Forbidden."""
    mine = SignIn.objects.visible_to(by).filter(user=by.user_id or 0)
    open_one = mine.filter(state_sha256=_hashed(state), is_used=False, expires_at__gt=Now())
    row = open_one.select_related("channel").first()
    if row is None or not open_one.filter(pk=row.pk).update(is_used=True):
        raise SignInOver(OVER)
    team_for_edit(by, row.team_id)
    return row


@dataclass(frozen=True)
class Owner:
    """A channel at YouTube, as it names itself."""

    youtube_id: str
    title: str
    picture: str


def keep(*, by: Actor, way: SignIn, code: str) -> None:
    """Asks Google what the person allowed, and keeps it until they confirm. Raises NotGranted,
    OtherChannel, ChannelTaken, Unavailable, AccountFault."""
    try:
        granted = google.door().redeem(code, way.verifier)
    except Ended:
        raise NotGranted("Google does not take its own answer any more: connect again.") from None
    _refuse_missing(granted.scopes)
    owner = _owner(granted, way.channel_id)
    _keep(by=by, way=way, granted=granted, owner=owner)


def _refuse_missing(scopes: Collection[str]) -> None:
    missing = [ALLOWS[one] for one in oauth.NEEDED if one not in scopes]
    if missing:
        raise NotGranted(
            f"At Google this was not ticked: {' and '.join(missing)}. Nothing was connected: "
            "connect again and leave it ticked."
        )


def _owner(granted: Granted, channel_id: int) -> Owner:
    """Whose channel it is. One call, that a person waits for."""
    line = Line(oauth.ANSWER_S)
    try:
        # the token was made a moment ago: it lives
        token = Token(granted.access, float("inf"))
        asking = Client(
            google.bases(), lambda _: token, line, channel_id=channel_id, is_by_hand=True
        )
        found = asking.my_channel()
    finally:
        line.close()
    if isinstance(found, Suspended):
        raise NotGranted("YouTube has suspended this account: nothing was connected.")
    if isinstance(found, ScopeMissing):
        raise NotGranted("Google does not let this studio see the channel: connect again.")
    if isinstance(found, NoChannel) or (
        isinstance(found, Done) and not found.resource.get("items")
    ):
        raise NotGranted(
            "This Google account has no YouTube channel: make one at YouTube, or choose another "
            "account."
        )
    if not isinstance(found, Done):
        raise Unavailable("YouTube does not say whose channel this is: connect again later.")
    return _read(found.resource["items"][0])


def _read(item: dict) -> Owner:  # type: ignore[type-arg]
    """Raises Unavailable for what is no channel as YouTube describes one."""
    try:
        snippet = item["snippet"]
        thumbnails = snippet.get("thumbnails", {})
        picture = str(thumbnails.get("default", {}).get("url", ""))
        return Owner(str(item["id"])[:40], str(snippet["title"])[:200], _shown(picture))
    except (KeyError, TypeError, AttributeError):
        raise Unavailable("YouTube's answer can't be read: connect again later.") from None


def _shown(picture: str) -> str:
    """Only from where pages may show pictures; else none."""
    parts = urlsplit(picture)
    is_ours = f"{parts.scheme}://{parts.netloc}" in settings.YOUTUBE_PICTURES
    return picture if is_ours and len(picture) <= 500 else ""


@verb
def _keep(*, by: Actor, way: SignIn, granted: Granted, owner: Owner) -> None:
    team_for_edit(by, way.team_id)
    _refuse_another(way.channel, owner.youtube_id, owner.title)
    kept = SignIn.objects.filter(pk=way.pk, is_used=True, youtube_id="", expires_at__gt=Now())
    told = kept.update(
        youtube_id=owner.youtube_id,
        title=owner.title,
        picture=owner.picture,
        scopes=list(granted.scopes),
        refresh_token=granted.refresh,
        access_token=granted.access,
        access_expires_at=after(timedelta(seconds=granted.expires_s)),
        expires_at=after(CONFIRM_WITHIN),
    )
    if not told:
        raise SignInOver(OVER)


def _refuse_another(channel: Channel, youtube_id: str, title: str) -> None:
    """Raises OtherChannel, ChannelTaken."""
    attached = Credential.objects.attached()
    mine = attached.filter(channel=channel).first()
    if mine is not None and mine.youtube_id != youtube_id:
        raise OtherChannel(
            f"{channel.name} is connected to “{mine}”, and at Google “{title}” was chosen. Choose "
            f"“{mine}” there, or disconnect it first."
        )
    other = attached.filter(youtube_id=youtube_id).exclude(channel=channel).first()
    if other is not None and other.team_id != channel.team_id:
        raise ChannelTaken(
            f"“{title}” is connected in another team of this studio: disconnect it there first."
        )
    if other is not None:
        raise ChannelTaken(
            f"“{title}” is connected to {other.channel.name}: disconnect it there first."
        )


def waiting(*, by: Actor, channel: Channel) -> SignIn | None:
    """What this person has to confirm for the channel."""
    mine = SignIn.objects.visible_to(by).filter(user=by.user_id or 0, channel=channel)
    return mine.filter(expires_at__gt=Now()).exclude(youtube_id="").order_by("-id").first()


@verb
def attach(*, by: Actor, way: SignIn) -> Credential:
    """The person has seen whose channel it is. Raises SignInOver, OtherChannel, ChannelTaken,
    NotGranted, Forbidden."""
    team = team_for_edit(by, way.team_id)
    channel = Channel.objects.select_for_update(no_key=True).get(pk=way.channel_id)
    mine = SignIn.objects.select_for_update().filter(pk=way.pk, user=by.user_id or 0)
    row = mine.filter(expires_at__gt=Now()).exclude(youtube_id="").first()
    if row is None:
        raise SignInOver(OVER)
    _refuse_another(channel, row.youtube_id, row.title)
    held = Credential.objects.attached().select_for_update().filter(channel=channel).first()
    fresh = row.refresh_token or (held.refresh_token if held else "")
    if not fresh:  # an empty one never takes the place of one that is there
        raise NotGranted(
            "Google gave no lasting permission: take this studio's access back in your Google "
            "account, then connect again."
        )
    # of the same channel, disconnected a moment ago: revoking it now would end this one
    left = Credential.objects.filter(state=CredentialState.REVOKED, youtube_id=row.youtube_id)
    left.delete()
    fields = {
        "title": row.title,
        "picture": row.picture,
        "scopes": row.scopes,
        "state": CredentialState.CONNECTED,
        "reason": "",
        "refresh_token": fresh,
        "access_token": row.access_token,
        "access_expires_at": row.access_expires_at,
        "lease_until": None,
        "connected_by_id": by.user_id,
        "connected_at": Now(),
        "last_ok_at": Now(),
    }
    if held is None:
        held = Credential.objects.create(
            team=team, channel=channel, youtube_id=row.youtube_id, **fields
        )
    else:
        Credential.objects.filter(pk=held.pk).update(fence=F("fence") + 1, **fields)
    row.delete()
    publish(team, YouTubeConnected(channel.pk))
    actions.wake()  # for what waited for it
    held.refresh_from_db()
    return held


@verb
def drop(*, by: Actor, way: SignIn) -> None:
    """It was the wrong channel, or not meant: nothing is connected, and Google is told."""
    team_for_edit(by, way.team_id)
    for row in SignIn.objects.select_for_update().filter(pk=way.pk, user=by.user_id or 0):
        _put_aside(row)


@verb
def prune() -> int:
    """Ways that nobody went to their end. Answers how many."""
    old = list(SignIn.objects.select_for_update().filter(expires_at__lte=Now()).order_by("id"))
    for row in old:
        _put_aside(row)
    return len(old)


def _put_aside(row: SignIn) -> None:
    """What Google gave on it is given back, unless the same channel is connected."""
    token = row.refresh_token or row.access_token
    if token:
        _to_be_revoked(row.team_id, row.channel_id, row.youtube_id, token)
    row.delete()


def _to_be_revoked(team_id: int, channel_id: int, youtube_id: str, token: str) -> None:
    Credential.objects.create(
        team_id=team_id,
        channel_id=channel_id,
        youtube_id=youtube_id,
        state=CredentialState.REVOKED,
        refresh_token=token,
        ended_at=Now(),
    )
    jobs.enqueue(REVOKE, to=actions.CLUSTER)


@verb
def disconnect(*, by: Actor, channel: Channel) -> None:
    """At once here; Google is told by a worker. What YouTube told of the channel is deleted. Raises
    Refused where nothing is connected."""
    team = team_for_edit(by, channel.team_id)
    attached = Credential.objects.attached().select_for_update().filter(channel=channel)
    held = attached.first()
    if held is None:
        raise Refused("This channel is not connected to YouTube.")
    token = held.refresh_token or held.access_token
    held.delete()
    if token:
        _to_be_revoked(team.pk, channel.pk, held.youtube_id, token)
    publish(team, YouTubeDisconnected(channel.pk))


def _hashed(state: str) -> str:
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()
