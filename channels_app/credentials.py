"""Tokens of connected channels: who needs one gets one that lives, and of many workers one asks
Google for it.

The row's lease says who asks; the fence, whether what one has seen is still what stands there. The
network is asked outside any transaction.
"""

import logging
import time
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields import DurationField
from django.db.models.functions import Now

from channels_app import google
from channels_app.models import Credential, CredentialState, SignIn
from channels_app.news import YouTubeNeedsReconnect
from channels_app.youtube import oauth
from channels_app.youtube.oauth import Ended, Granted
from channels_app.youtube.uploader import Token, Tokens
from config.kit.database import after, retry_db, verb
from config.kit.errors import ProviderError, Unavailable
from teams.events import publish

log = logging.getLogger("showrunner.youtube")
FRESH = timedelta(minutes=6)  # more than an uploader asks for before it sends a chunk
LEASE = timedelta(seconds=60)  # longer than Google is waited for
AGAIN = timedelta(minutes=5)  # until Google is told once more that a channel was disconnected
TOLD_WITHIN = timedelta(days=7)  # then the row goes, whatever Google says
PATIENCE_S, LOOK_S = 45.0, 0.1
WHY = (
    "Google takes the permission no longer: it was taken back there, or has run out. Connect the "
    "channel again."
)


class NotConnected(Unavailable):
    """A person has to connect the channel, for the first time or again."""


def tokens(channel_id: int) -> Tokens:
    """Of one channel, for the client and the uploader. What it gives raises NotConnected,
    Unavailable, AccountFault."""
    return lambda refused: token(channel_id, refused)


def token(channel_id: int, refused: str = "") -> Token:
    """One that lives and is not `refused`. Raises NotConnected, Unavailable, AccountFault."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        held = _held(channel_id)
        left = held.left.total_seconds() if held.left else 0.0  # type: ignore[attr-defined]
        is_fresh = left > FRESH.total_seconds() and held.access_token != refused
        if held.access_token and is_fresh:
            return Token(held.access_token, time.time() + left)
        if _claim(held):
            found = _refresh(held)
            if found:
                return found
        elif time.monotonic() > ends:
            raise Unavailable("Google takes its time to renew the permission of this channel.")
        else:
            time.sleep(LOOK_S)


def _held(channel_id: int) -> Credential:
    """With `left`: for how long its access token lives, by the database's clock."""
    left = ExpressionWrapper(F("access_expires_at") - Now(), output_field=DurationField())
    found = Credential.objects.filter(channel=channel_id, state=CredentialState.CONNECTED)
    row = found.annotate(left=left).first()
    if row is None:
        raise NotConnected("This channel is not connected to YouTube: connect it first.")
    return row


@retry_db
@verb
def _claim(held: Credential) -> bool:
    """False: somebody else asks, or has a new one already."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    same = Credential.objects.filter(free, pk=held.pk, fence=held.fence, state=held.state)
    return bool(same.update(lease_until=after(LEASE)))


def _refresh(held: Credential) -> Token | None:
    """None: meanwhile it was disconnected or connected again."""
    try:
        granted = google.door().refresh(held.refresh_token)
    except Ended:
        lose(held)
        raise NotConnected(WHY) from None
    except BaseException:
        _give_back(held)
        raise
    if not settle(held, granted):
        return None
    return Token(granted.access, time.time() + granted.expires_s)


@retry_db
@verb
def settle(held: Credential, granted: Granted) -> bool:
    """Keeps a new token. False: the row has moved on."""
    fields = {"refresh_token": granted.refresh} if granted.refresh else {}
    same = Credential.objects.filter(pk=held.pk, fence=held.fence, state=CredentialState.CONNECTED)
    return bool(
        same.update(
            access_token=granted.access,
            access_expires_at=after(timedelta(seconds=granted.expires_s)),
            lease_until=None,
            last_ok_at=Now(),
            fence=F("fence") + 1,
            **fields,
        )
    )


@retry_db
@verb
def lose(held: Credential) -> bool:
    """Google ended it: people are told once, and what the channel has to publish waits. False: the
    row has moved on."""
    same = Credential.objects.filter(pk=held.pk, fence=held.fence, state=CredentialState.CONNECTED)
    lost = same.update(
        state=CredentialState.NEEDS_RECONNECT,
        reason=WHY,
        refresh_token="",
        access_token="",
        access_expires_at=None,
        lease_until=None,
        fence=F("fence") + 1,
    )
    if lost:
        publish(held.team_id, YouTubeNeedsReconnect(held.channel_id))
    return bool(lost)


@retry_db
@verb
def _give_back(held: Credential, pause: timedelta | None = None) -> None:
    same = Credential.objects.filter(pk=held.pk, fence=held.fence)
    same.update(lease_until=after(pause) if pause else None)


def to_be_revoked() -> bool:
    return _revoked().exists()


def revoke() -> None:
    """Tells Google of what was disconnected here; then nothing of it is left."""
    for held in _revoked().order_by("id"):
        if not _claim(held):
            continue
        try:
            if not _lives_elsewhere(held):
                oauth.revoke(held.refresh_token, google.places())
        except ProviderError as error:
            log.warning("channel %s is not revoked yet: %s", held.channel_id, error.message)
            _give_back(held, AGAIN)
        else:
            _forget(held)
    _forget_old()


def _revoked() -> QuerySet[Credential]:
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return Credential.objects.filter(free, state=CredentialState.REVOKED)


def _lives_elsewhere(held: Credential) -> bool:
    """Revoking ends all that the account gave for this channel: also what somebody has connected,
    or is about to, since."""
    same = {"youtube_id": held.youtube_id}
    on_the_way = SignIn.objects.filter(**same, expires_at__gt=Now())
    return Credential.objects.attached().filter(**same).exists() or on_the_way.exists()


@retry_db
@verb
def _forget(held: Credential) -> None:
    Credential.objects.filter(pk=held.pk, state=CredentialState.REVOKED).delete()


@retry_db
@verb
def _forget_old() -> None:
    old = Credential.objects.filter(state=CredentialState.REVOKED, ended_at__lt=after(-TOLD_WITHIN))
    old.delete()
