"""What people are told of channels; the handler that listens to connections that ended."""

from collections.abc import Sequence

from django.urls import reverse

from channels_app.models import Channel
from channels_app.news import YouTubeNeedsReconnect
from teams import notices
from teams.models import Event, NoticeKind
from teams.notices import Notice

KIND = YouTubeNeedsReconnect.kind


def hear(team_id: int, events: Sequence[Event]) -> None:
    """Of a channel that is gone, nothing."""
    last = {event.payload["channel_id"]: event for event in events}
    named = Channel.objects.filter(team_id=team_id).in_bulk(list(last))
    to = notices.editors(notices.members(team_id))
    found = [
        Notice(
            NoticeKind.CHANNEL_RECONNECT,
            f"{named[pk].name} has to be connected to YouTube again: until then nothing of it is "
            "published there.",
            f"{reverse('channels:detail', args=[pk])}#youtube",
            event.seq,
            to,
        )
        for pk, event in last.items()
        if pk in named
    ]
    notices.tell(team_id, found)
