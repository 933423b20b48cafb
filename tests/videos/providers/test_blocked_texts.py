"""Texts about what a channel blocks: no writer is paid for them."""

import pytest

from channels_app.models import Channel
from tests.doubles.site import site
from tests.videos.test_blocked import scripted
from tests.videos.test_script_rules import ruled
from tests.videos.test_web_pages import HEAD, article
from videos import actions
from videos.models import RunState, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(settings):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True
    with site() as found:
        found.page("/kelp", article(head=HEAD))
        yield f"{found.url}/kelp"


@pytest.mark.parametrize("source", ["page", "markup"])
def test_nothing_is_bought_for_a_text_about_a_blocked_topic(
    source, page, ai, accounts, by_ana, channel
):
    ruled(by_ana, channel, blocked_topics="sea otters")
    markup = "<p>" + "Kelp grows half a metre a day. " * 9 + "Sea <b>ot</b>ters guard the kelp.</p>"
    text = page if source == "page" else markup
    if source == "page":
        ruled(by_ana, Channel.objects.get(), blocked_topics="otters")
    wish = actions.Wish(source=text, seconds=20, writer="openai")
    actions.create_video(by=by_ana, channel=Channel.objects.get(), wish=wish)
    assert scripted().state == RunState.FAILED
    assert ai.bill()["requests"] == 0
    ruled(by_ana, Channel.objects.get(), blocked_topics="")
    actions.resume(by=by_ana, video=Video.objects.get())
    scripted()
    assert ai.bill()["requests"] > 0
