"""What a video costs: told before, shown while it is bought, compared after."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from billing import costs, ledger
from billing.models import CostEntry, Estimate
from channels_app.actions import change_channel
from config.kit.errors import Spend
from tests.kit.test_api import problem
from tests.videos import paid
from tests.videos.paid import PRICE, two_scenes
from tests.videos.test_edits import OWN
from videos import actions, estimates, following, pipeline, scripts
from videos.models import RunState, StageRun, Video, VideoState

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Kelp grows half a metre a day in cold, clear water. Sea otters guard it. " * 20
QUIETLY = "Kelp grows in quite other water."


def ordered(by, channel, voice: str = "paid:one", seconds: int = 30, script=None) -> Video:
    wish = actions.Wish(source=TEXT, title="Kelp", seconds=seconds, voice=voice)
    return actions.create_video(by=by, channel=channel, wish=wish, script=script)


def told(video: Video) -> list[tuple[str, str, int]]:
    rows = Estimate.objects.filter(video_id=video.pk).order_by("stage")
    return [(row.stage, row.provider, row.expected_micros) for row in rows]


def test_an_order_is_estimated_by_its_length(by_ana, channel):
    short, long = ordered(by_ana, channel), ordered(by_ana, channel, seconds=90)
    assert told(short) == [("narration", "paid", 3 * PRICE)]
    assert told(long) == [("narration", "paid", 10 * PRICE)]


def test_words_that_are_ready_are_estimated_as_they_are(by_ana, channel):
    video = ordered(by_ana, channel, script=two_scenes("Otters guard it."))
    assert told(video) == [("narration", "paid", 2 * PRICE)]


def test_a_page_that_nobody_has_read_is_estimated_by_its_length(by_ana, channel):
    of = {"source": "https://example.org/kelp", "source_kind": "url", "voice": "paid:one"}
    wish = actions.Wish(seconds=30, title="Kelp", **of)
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    assert told(video) == [("narration", "paid", 3 * PRICE)]


def test_what_is_made_here_costs_nothing(by_ana, channel):
    video = ordered(by_ana, channel, voice="espeak:default")
    assert not Estimate.objects.exists()
    assert estimates.of_video(video).told == "USD 0.00"


def test_another_voice_is_another_estimate(by_ana, channel):
    video = ordered(by_ana, channel)
    actions.change_order(by=by_ana, video=video, voice="espeak:default")
    assert told(video) == []


def test_a_made_video_teaches_the_next_estimate(by_ana, channel):
    video = ordered(by_ana, channel, script=two_scenes("Otters guard it."))
    pipeline.perform(paid.claimed())
    costs.learn(video.team_id, video.pk)
    costs.learn(video.team_id, video.pk)
    assert Estimate.objects.get().actual_micros == 2 * PRICE


# --- the page and the API


def test_the_page_of_a_video_shows_its_costs_to_those_who_see_them(browser, ana, ben, narrated):
    for path in (f"/videos/{narrated.pk}/", f"/videos/{narrated.pk}/costs/"):
        page = browser(ana).get(path).content.decode()
        assert "USD 10.00" in page
        assert re.search(r"1\. A<span[^>]*>Narration USD 5\.00</span>", page)
    page = browser(ben).get(f"/videos/{narrated.pk}/").content.decode()
    assert ('id="costs"' in page, "USD" in page) == (False, False)


@pytest.fixture
def narrated(by_ana, channel) -> Video:
    video = ordered(by_ana, channel, script=two_scenes("Otters guard it."))
    pipeline.perform(paid.claimed())
    return Video.objects.select_related("script").get(pk=video.pk)


def test_the_panel_is_nothing_for_others(browser, ben, cho, narrated):
    path = f"/videos/{narrated.pk}/costs/"
    assert browser(ben).get(path).status_code in (302, 403)
    assert browser(cho).get(path).status_code == 404
    assert browser(None).get(path).status_code == 302


def test_an_entry_that_nobody_can_vouch_for_says_why(browser, ana, narrated):
    why = ledger.Purpose(narrated.team_id, narrated.pk, 1, "narration", "scene:aaaa0001")
    request = ledger.Request("paid:one", "k")
    ledger.give_up(ledger.hold(why, amount_micros=PRICE, request=request))
    page = browser(ana).get(f"/videos/{narrated.pk}/costs/").content.decode()
    assert "booked at its worst case" in page


def test_programs_read_what_a_video_costs(program, ana, ben, cho, narrated):
    path = f"videos/{narrated.pk}/costs/"
    found = program(ana).get(path).json()
    assert (found["expected_micros"], found["spent_micros"]) == (2 * PRICE, 2 * PRICE)
    assert [(one["stage"], one["percent"]) for one in found["stages"]] == [("narration", 0)]
    assert {one["part"] for one in found["parts"]} == {"scene:aaaa0001", "scene:aaaa0002"}
    assert [one["label"] for one in found["parts"]] == ["1. A", "2. B"]
    assert found["parts"][0]["stages"] == [{"stage": "narration", "amount_micros": PRICE}]
    problem(program(ben).get(path), 403, "forbidden")
    problem(program(cho).get(path), 404, "not_found")


def bought(video: Video, part: str) -> None:
    why = ledger.Purpose(video.team_id, video.pk, 1, "visuals", part)
    request = ledger.Request("openai:gpt-image-1", part)
    ledger.give_up(ledger.hold(why, amount_micros=7, request=request))


def test_a_picture_counts_under_its_scene(program, browser, ana, narrated):
    for part in ("picture:aaaa0001", "picture:gone0001", "draft"):
        bought(narrated, part)
    found = program(ana).get(f"videos/{narrated.pk}/costs/").json()["parts"]
    assert {(one["part"], one["label"], one["amount_micros"]) for one in found} == {
        ("scene:aaaa0001", "1. A", PRICE + 7),
        ("scene:aaaa0002", "2. B", PRICE),
        ("gone", "Scenes that are gone", 7),
        ("whole", "The whole video", 7),
    }
    page = browser(ana).get(f"/costs/?period=all&video={narrated.pk}").content.decode()
    assert "picture:" not in page
    assert "Pictures" in page  # as a step
    assert "OpenAI" in page


def test_the_list_shows_what_each_video_costs_to_those_who_see_it(browser, ana, ben, narrated):
    page = browser(ana).get("/videos/").content.decode()
    assert re.search(r"USD 10\.00</a>\s*<br><span[^>]*>of about USD 10\.00", page)
    costs.learn(narrated.team_id, narrated.pk)
    assert re.search(
        r"USD 10\.00</a>\s*<br><span[^>]*>0 %", browser(ana).get("/videos/").content.decode()
    )
    assert "USD" not in browser(ben).get("/videos/").content.decode()


def exported(client) -> dict[str, str]:
    text = b"".join(client.get("/videos/?csv=1").streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    return row


def test_the_list_as_csv_has_money_for_those_who_see_it(browser, ana, ben, narrated):
    costs.learn(narrated.team_id, narrated.pk)
    row = exported(browser(ana))
    assert (row["expected"], row["spent"], row["difference"], row["percent"]) == (
        "10",
        "10",
        "0",
        "0",
    )
    assert not {"low", "expected", "high", "spent", "difference"} & set(exported(browser(ben)))


def test_programs_find_the_difference_in_the_list(program, ana, ben, narrated):
    costs.learn(narrated.team_id, narrated.pk)
    for path in ("videos/", "videos/", f"videos/{narrated.pk}/"):  # the list is kept, its money not
        found = program(ana).get(path).json()
        bill = found["results"][0]["bill"] if "results" in found else found["bill"]
        assert (bill["expected_micros"], bill["difference_micros"]) == (2 * PRICE, 0)
        found = program(ben).get(path).json()
        assert (found["results"][0] if "results" in found else found)["bill"] is None
    why = ledger.Purpose(narrated.team_id, narrated.pk, 1, "narration", "scene:aaaa0001")
    ledger.book(why, [Spend("paid:one", "scene", 1, PRICE)])
    (found,) = program(ana).get("videos/").json()["results"]
    assert found["bill"]["percent"] == 50


def test_programs_ask_for_an_estimate_before_they_order(program, ana, ben, channel):
    body = {"source": TEXT, "seconds": 30, "voice": "paid:one", "channel": channel.pk}
    found = program(ana).post("estimates/", body).json()
    assert (found["expected_micros"], found["lines"][0]["requests"]) == (3 * PRICE, 3)
    assert not Video.objects.exists()
    problem(program(ben).post("estimates/", body), 403, "forbidden")


def test_an_estimate_tells_programs_what_is_taken_of_a_long_text(program, ana, channel):
    body = {"seconds": 30, "voice": "paid:one", "channel": channel.pk}
    who, long = program(ana), TEXT * 40
    taken = who.post("estimates/", {**body, "source": long}).json()["taken"]
    words = round(30 / 0.36)
    assert taken == {
        "pages": round(len(long) / 3000),
        "words": words,
        "percent": round(100 * words * 6 / len(long)),
    }
    assert who.post("estimates/", {**body, "source": TEXT}).json()["taken"] is None


def test_an_estimate_of_a_video_is_of_its_script(program, ana, cho, narrated):
    found = program(ana).post("estimates/", {"video": narrated.pk}).json()
    assert found["expected_micros"] == 2 * PRICE
    assert program(cho).post("estimates/", {"video": narrated.pk}).status_code == 400


def test_the_order_form_tells_what_it_will_cost(browser, ana, ben, channel):
    given = {"channel": channel.pk, "source": TEXT, "seconds": 30, "format": "short"}
    client, path = browser(ana), "/videos/new/estimate/"
    assert "USD 15.00" in client.post(path, {**given, "voice": "paid:one"}).content.decode()
    free = client.post(path, {**given, "voice": "espeak:default"}).content.decode()
    assert "USD 0.00" in free
    assert client.post(path, {"channel": "x"}).content.decode().strip() == ""
    assert browser(ben).post(path, given).status_code in (302, 403)
    assert "order-cost" not in browser(ben).get("/videos/new/").content.decode()


BOOK = "".join(
    f"Otters of bay {n} guard the kelp against hungry urchins.\n\n" for n in range(16_000)
)


def test_of_a_book_the_form_tells_what_is_taken_of_it(browser, ana, channel):
    given = {"channel": channel.pk, "seconds": 60, "format": "short", "voice": "paid:one"}
    client, path = browser(ana), "/videos/new/estimate/"
    told = client.post(path, {**given, "source": BOOK}).content.decode()
    assert "about 316 pages" in told
    assert "about 167 words" in told
    assert "USD 35.00" in told
    file = SimpleUploadedFile("book.txt", BOOK.encode())
    assert client.post(path, {**given, "file": file}).content.decode() == told
    assert "pages" not in client.post(path, {**given, "source": TEXT}).content.decode()


# --- edits


def test_an_edit_costs_what_it_makes_again(narrated):
    edit = two_scenes(QUIETLY)
    assert estimates.price_of_edit(narrated, edit).cost.expected == PRICE
    assert estimates.price_of_edit(narrated, two_scenes("Otters guard it.")).is_free


def written(video: Video, script) -> Video:
    """As people who write together leave it when they pause."""
    locked = Video.objects.select_related("script").get(pk=video.pk)
    saving = scripts.verb(lambda: scripts.save_scenes(locked, script.scenes))
    saving()
    return Video.objects.get(pk=video.pk)


def due(video: Video) -> bool:
    waits = StageRun.objects.filter(video=video, state=RunState.WAITING)
    return waits.exclude(due_at=None).exists()


def test_what_was_written_is_not_bought_by_itself(browser, ana, ben, narrated):
    video = written(narrated, two_scenes(QUIETLY))
    assert (video.state, video.reason_code, due(video)) == ("queued", "to_be_bought", False)
    assert "USD" not in video.reason
    assert "Make the video (about USD 5.00)" in text(browser(ana), video)
    assert "Make the video" in text(browser(ben), video)
    assert "USD" not in text(browser(ben), video)


def text(client, video: Video) -> str:
    return client.get(f"/videos/{video.pk}/").content.decode()


def test_what_the_channel_blocks_is_not_bought_though_somebody_says_so(by_ana, channel, narrated):
    change_channel(by=by_ana, channel=channel, settings={"blocked_words": "quite other"})
    video = written(narrated, two_scenes(QUIETLY))
    assert (video.state, video.reason_code) == ("failed", "blocked_words")
    with pytest.raises(actions.WrongState):
        actions.produce(by=by_ana, video=video)


def test_it_is_bought_once_somebody_says_so(browser, ben, narrated):
    video = written(narrated, two_scenes(QUIETLY))
    browser(ben).post(f"/videos/{video.pk}/do/produce/")
    video.refresh_from_db()
    assert (video.state, video.reason, due(video)) == (VideoState.QUEUED, "", True)
    pipeline.perform(paid.claimed())
    assert CostEntry.objects.count() == 3


def test_an_edit_that_buys_nothing_is_made_by_itself(by_ana, channel, narrated):
    video = written(narrated, two_scenes(QUIETLY))
    video = written(video, two_scenes("Otters guard it."))
    assert (video.reason_code, due(video)) == ("", True)


def test_a_video_that_costs_nothing_is_made_by_itself(by_ana, channel):
    video = ordered(by_ana, channel, voice="espeak:default", script=OWN)
    video = written(video, two_scenes(QUIETLY))
    assert (video.reason_code, due(video)) == ("", True)


# --- live


def test_totals_move_with_what_is_spent(by_ana, channel):
    video = ordered(by_ana, channel, script=two_scenes("Otters guard it."))
    run = paid.claimed()
    held = ledger.hold(
        ledger.Purpose(video.team_id, video.pk, run.pk, "narration"), amount_micros=9
    )
    assert totals(video) == (0, 9, {})
    ledger.settle(held, ledger.purpose_of(held), [Spend("paid:one", "scene", 1, 7)])
    assert totals(video) == (7, 0, {"narration": 7})


def totals(video: Video) -> tuple[int, int, dict[str, int]]:
    (tick,) = [one for one in following.moving([video.team_id]) if one.kind == "costs"]
    state = tick.state
    return state["spent_micros"], state["held_micros"], state["by_stage"]
