"""Scripts that are open to be written, for programs that are no test. Django is set up."""

from django.conf import settings
from django.test import Client

from channels_app.actions import home_channel
from channels_app.models import Channel
from collab import store
from teams import actions as teams
from teams.access import acting
from teams.models import Membership
from tests.videos.test_rewriting import SCRIPT
from videos.actions import edit_script
from videos.models import Video


def scripts(count: int) -> tuple[list[int], str]:
    """The ids of videos with a script each, and the cookie of one who may write them."""
    team = teams.home_team()
    password = "a long walk at dusk"
    user = teams.create_owner(email="ana@example.org", password=password, team=team)
    by = acting(Membership.objects.get(user=user))
    channel = home_channel(by=by)
    videos = [_video(channel) for _ in range(count)]
    for video in videos:
        edit_script(by=by, video=video, script=SCRIPT)
        store.open_for(video)
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return [video.pk for video in videos], f"{name}={client.cookies[name].value}"


def _video(channel: Channel) -> Video:
    plan = {"stages": {}, "title": "", "providers": {}}
    return Video.objects.create(
        team=channel.team, channel=channel, plan=plan, title="Kelp", state="paused"
    )
