"""Home, the list of videos, its bulk actions, the search, and the page to order a video."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.actions import create_channel
from videos.actions import Wish, create_video
from videos.models import Video, VideoState

TEXT = "Kelp grows half a metre a day. Otters guard it."


def more(by, channel, n: int, **wished) -> list[Video]:
    wish = Wish(source=TEXT, seconds=10, **wished)
    return [create_video(by=by, channel=channel, wish=wish) for _ in range(n)]


def order(chosen, **given) -> dict:
    return {"channel": chosen.pk, "source": TEXT, "format": "short", "seconds": "30", **given}


def test_a_new_team_is_led_to_its_first_video(browser, ana):
    assert "three steps" in browser(ana).get("/").content.decode()


def test_home_shows_what_needs_a_person(browser, ana, video):
    Video.objects.update(state=VideoState.FAILED, reason="The disk is full: make space.")
    told = browser(ana).get("/").content.decode()
    assert "The disk is full" in told
    assert "Try again" in told


def test_home_offers_a_viewer_no_buttons(browser, vic, video):
    Video.objects.update(state=VideoState.REVIEW)
    told = browser(vic).get("/").content.decode()
    assert "Approve" not in told


@pytest.mark.parametrize("path", ["/", "/videos/", "/videos/moving/?ids=1", "/search/?q=Kelp"])
def test_another_teams_videos_are_nowhere(browser, cho, video, path):
    assert "Kelp" not in browser(cho).get(path).content.decode()


@pytest.mark.parametrize("path", ["/", "/videos/", "/videos/moving/", "/videos/new/", "/search/"])
def test_who_is_signed_out_is_asked_to_sign_in(db, browser, path):
    assert browser(None).get(path).status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("?q=kel", True),
        ("?q=%23{pk}", True),
        ("?q=CMS-7", True),
        ("?q=otter", False),
        ("?state=working", True),
        ("?state=published", False),
        ("?state=nonsense", True),
        ("?format=square", False),
        ("?channel=999999", False),
        ("?channel=x&page=zz&sort=none", True),
        ("?q=%00", True),
        ("?bin=on", False),
    ],
)
def test_the_list_is_narrowed_by_its_address(browser, ana, by_ana, channel, query, found):
    [video] = more(by_ana, channel, 1, title="Kelp forests", external_id="cms-7")
    told = browser(ana).get(f"/videos/{query.format(pk=video.pk)}").content.decode()
    assert (f"#{video.pk}" in told) is found


@pytest.mark.parametrize("path", ["/", "/videos/", "/videos/moving/?ids={ids}"])
def test_pages_cost_the_same_for_one_and_for_fifty(browser, ana, by_ana, channel, path):
    client, counts = browser(ana), []
    for n in (1, 49):
        more(by_ana, channel, n)
        ids = ",".join(str(pk) for pk in Video.objects.values_list("pk", flat=True))
        client.get(path.format(ids=ids))
        with CaptureQueriesContext(connection) as queries:
            client.get(path.format(ids=ids))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def bulk(browser, who, action, *videos):
    return browser(who).post(
        "/videos/bulk/", {"action": action, "ids": [video.pk for video in videos]}, follow=True
    )


def test_many_are_changed_and_the_refused_are_named(browser, ana, by_ana, channel):
    first, second = more(by_ana, channel, 2, title="Reef")
    Video.objects.filter(pk=second.pk).update(state=VideoState.PUBLISHED)
    told = bulk(browser, ana, "pause", first, second).content.decode()
    assert "One video paused. 1 not: Reef" in told
    states = set(Video.objects.values_list("state", flat=True))
    assert states == {VideoState.PAUSED, VideoState.PUBLISHED}


@pytest.mark.parametrize("action", ["pause", "cancel", "delete", "approve", "publish", "retry"])
@pytest.mark.parametrize("who", ["vic", "cho"])
def test_only_who_may_changes_many(browser, request, video, action, who):
    before = Video.objects.values().get()
    bulk(browser, request.getfixturevalue(who), action, video)
    assert Video.objects.values().get() == before


def test_deleting_many_can_be_undone(browser, ana, by_ana, channel):
    videos = more(by_ana, channel, 2)
    bulk(browser, ana, "delete", *videos)
    assert not Video.objects.filter(deleted_at=None).exists()
    ids = ",".join(str(video.pk) for video in videos)
    browser(ana).post("/videos/bulk/", {"action": "restore", "ids": ids})
    assert Video.objects.filter(deleted_at=None).count() == 2


def test_an_unknown_action_is_no_page(browser, ana, video):
    assert bulk(browser, ana, "explode", video).status_code == 404


def test_a_title_that_is_a_formula_stays_text_in_a_spreadsheet(browser, ana, by_ana, channel):
    more(by_ana, channel, 1, title='=HYPERLINK("http://evil.example")')
    answer = browser(ana).get("/videos/?csv=1")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["title"].startswith("'=")


def test_html_in_a_title_is_shown_as_text(browser, ana, by_ana, channel):
    more(by_ana, channel, 1, title="<b>Kelp</b>")
    for path in ("/", "/videos/", "/search/?q=Kelp"):
        told = browser(ana).get(path).content.decode()
        assert "<b>Kelp</b>" not in told
        assert "&lt;b&gt;Kelp" in told


def test_a_text_becomes_a_video(browser, ben, channel):
    answer = browser(ben).post("/videos/new/", order(channel, title="Kelp", format="square"))
    video = Video.objects.get()
    assert answer.url == f"/videos/{video.pk}/"
    assert (video.source, video.format, video.seconds) == (TEXT, "square", 30)


def test_a_file_becomes_a_video(browser, ana, channel):
    file = SimpleUploadedFile("kelp.md", f"# Kelp\n\n{TEXT}".encode())
    browser(ana).post("/videos/new/", order(channel, source="", file=file))
    video = Video.objects.get()
    assert (video.source_kind, "# Kelp" in video.source) == ("markdown", True)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"source": "  "}, "Paste the text"),
        ({"seconds": "2"}, "greater than or equal to 5"),
        ({"format": "imax"}, "not one of the available choices"),
        ({"voice": "x" * 61}, "at most 60"),
        ({"language": "not a tag"}, "Write a tag"),
        ({"title": "nul \0"}, "Null characters"),
        ({"channel": "999999"}, "not one of the available choices"),
    ],
)
def test_a_refused_order_keeps_what_was_typed(browser, ana, channel, given, told):
    answer = browser(ana).post("/videos/new/", order(channel, external_id="mine-1", **given))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert "mine-1" in page
    assert not Video.objects.exists()


def test_a_file_that_is_no_text_is_refused(browser, ana, channel):
    file = SimpleUploadedFile("kelp.md", b"\xff\xfe\x00\x01")
    answer = browser(ana).post("/videos/new/", order(channel, file=file))
    assert "not UTF-8" in answer.content.decode()


def test_an_external_id_is_one_videos(browser, ana, by_ana, channel):
    more(by_ana, channel, 1, external_id="cms-7")
    answer = browser(ana).post("/videos/new/", order(channel, external_id="cms-7"))
    assert "has it already" in answer.content.decode()


def test_a_double_click_orders_once(browser, ana, channel):
    for _ in range(2):
        browser(ana).post("/videos/new/", order(channel, once="the-same-form"))
    assert Video.objects.count() == 1


def test_the_form_of_before_with_other_words_is_another_order(browser, ana, channel):
    for text in ("Kelp grows half a metre a day.", "Otters guard the kelp."):
        browser(ana).post("/videos/new/", order(channel, source=text, once="the-same-form"))
    assert Video.objects.count() == 2


def test_a_viewer_orders_nothing(browser, vic, channel):
    browser(vic).post("/videos/new/", order(channel))
    assert not Video.objects.exists()


def test_another_teams_channel_can_not_be_used(browser, cho, channel):
    answer = browser(cho).post("/videos/new/", order(channel))
    assert (answer.status_code, Video.objects.exists()) == (422, False)


def test_a_voice_that_is_not_there_can_not_be_heard(browser, ana):
    assert browser(ana).get("/voices/piper:nobody/sample.wav").status_code == 404


def test_channels_of_the_team_are_found(browser, ana, by_ana):
    create_channel(by=by_ana, name="Deep Sea", slug="deep", brand={})
    assert "Deep Sea" in browser(ana).get("/search/?q=deep").content.decode()


def test_a_channel_number_beyond_all_bounds_finds_all(browser, ana, video):
    assert browser(ana).get(f"/videos/?channel={'9' * 40}").status_code == 200
