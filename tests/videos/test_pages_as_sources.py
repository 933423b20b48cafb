"""Videos made of pages of the web: ordered by an address, read by a worker, read again."""

import json

import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from tests.conftest import acting
from tests.doubles.site import site
from tests.kit.test_api import problem
from tests.videos.orders import order as plain_order
from tests.videos.test_web_pages import HEAD, PROSE, article
from videos import actions, outputs, reading, runs
from videos.contracts import Script
from videos.copies import duplicate_video
from videos.models import RunPart, RunState, ScriptVersion, StageRun, Video
from videos.pipeline import perform
from videos.stages.script import plan
from videos.writing import page_sources
from videos.writing.sources import is_page

pytestmark = pytest.mark.django_db(transaction=True)

GERMAN = (
    "Die Seetangwälder wachsen in kühlem Wasser an felsigen Küsten. Täglich wächst ein Wedel um"
    " einen halben Meter. Otter schützen den Wald, weil sie die Seeigel fressen, die ihn abweiden. "
)


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True


@pytest.fixture
def there():
    with site() as found:
        found.page("/kelp", article(head=HEAD))
        yield found


@pytest.fixture
def ordered(by_ana, channel):
    def order(source: str, **wish) -> Video:
        wish = actions.Wish(source=source, **{"seconds": 20, **wish})
        return actions.create_video(by=by_ana, channel=channel, wish=wish)

    return order


def scripted(video: Video) -> StageRun:
    """Lets the script stage of the video run once."""
    StageRun.objects.exclude(video=video, stage="script").update(due_at=None)
    perform(runs.claim("studio", "w:1", 9))
    return StageRun.objects.get(video=video, stage="script")


def spoken(video: Video) -> str:
    return " ".join(video.scenes.order_by("position").values_list("narration", flat=True))


def parts(video: Video) -> dict[str, bool]:
    """The parts of the script stage, and whether each was made this time."""
    rows = RunPart.objects.filter(run__video=video, run__stage="script")
    return dict(rows.values_list("part", "was_made"))


def to_read() -> list[OrmQ]:
    """The looks that workers are asked for."""
    return [row for row in OrmQ.objects.order_by("id") if row.task["func"] == reading.READ]


def work_off() -> None:
    for row in to_read():
        task = row.task
        row.delete()
        import_string(task["func"])(*task["args"])


ADDRESSES = {
    "https://example.org/kelp": True,
    " \ufeffhttp://example.org\n": True,
    "HTTPS://example.org/Köln?a=b#c": True,
    "https://example.org/one https://example.org/two": False,
    "See https://example.org/kelp": False,
    "ftp://example.org/kelp": False,
    "https://" + "a" * 3_000: False,
    "# Kelp\n\nhttps://example.org": False,
    "": False,
}


@pytest.mark.parametrize("source", ADDRESSES, ids=lambda source: source[:30])
def test_one_address_alone_is_a_page_and_all_else_is_text(source):
    assert is_page(source, "auto") == ADDRESSES[source]
    assert not is_page(source, "text")


def test_texts_are_planned_as_they_always_were():
    class Asked:
        order = plain_order("Kelp grows.")

    (part,) = plan(Asked())
    assert (part.id, part.needs, part.provider) == ("whole", (), "")
    assert "reading" not in part.params


def test_the_address_of_a_page_becomes_a_script_of_its_words(ordered, there):
    video = ordered(f"{there.url}/kelp")
    run = scripted(video)
    assert run.state == RunState.DONE, run.reason
    video.refresh_from_db()
    assert "Otters guard the forest" in spoken(video)
    assert video.title == "Kelp forests"
    assert video.source == f"{there.url}/kelp"
    assert parts(video) == {"source": True, "whole": True}
    description = video.script.content["description"]
    assert description.endswith(
        "Source: Ana Diver, Kelp forests, The Sea Post, "
        f"https://creativecommons.org/licenses/by-sa/4.0/, {there.url}/kelp"
    )


def test_the_record_of_a_video_names_the_page(ordered, there):
    there.leads("/old", "/kelp")
    video = ordered(f"{there.url}/old")
    scripted(video)
    told = outputs.provenance(video)["source_page"]
    assert (told["asked"], told["url"]) == (f"{there.url}/old", f"{there.url}/kelp")
    assert (told["author"], told["date"]) == ("Ana Diver", "2026-03-04")
    assert "by-sa" in told["licence"]
    assert told["fetched_at"]


def test_a_script_that_was_edited_still_names_the_page(ordered, there, by_ana):
    video = ordered(f"{there.url}/kelp")
    scripted(video)
    video.refresh_from_db()
    content = json.loads(json.dumps(video.script.content))
    content["scenes"][0]["narration"] = "Kelp, told by hand."
    script = actions.scripts.texts.read(content)
    actions.edit_script(by=by_ana, video=video, script=script)
    assert outputs.page(video)["title"] == "Kelp forests"


def test_another_length_does_not_fetch_the_page_again(ordered, there, by_ana):
    video = ordered(f"{there.url}/kelp")
    scripted(video)
    actions.change_order(by=by_ana, video=video, seconds=40)
    assert scripted(video).state == RunState.DONE
    assert there.asked == ["/kelp"]
    assert parts(video) == {"source": False, "whole": True}


def test_a_copy_and_another_video_of_the_day_share_what_was_read(ordered, there, by_ana):
    video = ordered(f"{there.url}/kelp")
    scripted(video)
    scripted(ordered(f"{there.url}/kelp#otters", seconds=30))
    Video.objects.filter(pk=video.pk).update(plan={**video.plan, "reading": "2026-01-01"})
    there.page("/kelp", article(PROSE * 3))
    scripted(duplicate_video(by=by_ana, video=Video.objects.get(pk=video.pk), seconds=15))
    assert there.asked == ["/kelp", "/kelp"]  # in January nobody had read it


def test_nothing_is_shared_between_teams(ordered, there, cho):
    scripted(ordered(f"{there.url}/kelp"))
    by_cho = acting(cho)
    channel = actions.channel_actions.create_channel(by=by_cho, name="C", slug="c", brand={})
    wish = actions.Wish(source=f"{there.url}/kelp", seconds=20)
    scripted(actions.create_video(by=by_cho, channel=channel, wish=wish))
    assert there.asked == ["/kelp", "/kelp"]


def test_a_page_that_still_says_the_same_makes_nothing_again(ordered, there, browser, ben):
    video = ordered(f"{there.url}/kelp")
    scripted(video)
    answer = browser(ben).post(f"/videos/{video.pk}/do/read-again/")
    assert answer.url == f"/videos/{video.pk}/"
    scripted(video)
    assert there.asked == ["/kelp", "/kelp"]
    assert parts(video) == {"source": True, "whole": False}
    assert ScriptVersion.objects.count() == 1


def test_a_page_that_says_something_else_gets_another_script(ordered, there, program, ben):
    video = ordered(f"{there.url}/kelp")
    scripted(video)
    other = PROSE.replace("Otters guard", "Divers guard")
    there.page("/kelp", article(other, other.replace("Kelp", "Sea")))
    answer = program(ben).post(f"videos/{video.pk}/read-again/")
    assert (answer.status_code, answer.json()["state"]) == (200, "queued")
    scripted(video)
    assert "Divers guard the forest" in spoken(video)


def test_only_who_may_edit_has_a_page_read_again(ordered, there, browser, program, request):
    video = ordered(f"{there.url}/kelp")
    scripted(video)
    vic, cho = request.getfixturevalue("vic"), request.getfixturevalue("cho")
    browser(vic).post(f"/videos/{video.pk}/do/read-again/")
    assert browser(cho).post(f"/videos/{video.pk}/do/read-again/").status_code == 404
    assert browser(None).post(f"/videos/{video.pk}/do/read-again/").url.startswith("/accounts/")
    problem(program(vic).post(f"videos/{video.pk}/read-again/"), 403, "forbidden")
    problem(program(cho).post(f"videos/{video.pk}/read-again/"), 404, "not_found")
    problem(program(None).post(f"videos/{video.pk}/read-again/"), 401, "not_authenticated")
    assert StageRun.objects.get(video=video, stage="script").state == RunState.DONE


def test_a_text_is_not_read_again(video, program, ben):
    problem(program(ben).post(f"videos/{video.pk}/read-again/"), 409, "wrong_state")


def test_the_studio_shows_where_the_words_are_from(ordered, there, browser, ana, vic):
    video = ordered(f"{there.url}/kelp")
    scripted(video)
    told = browser(ana).get(f"/videos/{video.pk}/").content.decode()
    for shown in (">Source<", "Ana Diver", "The Sea Post", "Read the page again"):
        assert shown in told
    assert f'href="{there.url}/kelp"' in told
    assert "Read the page again" not in browser(vic).get(f"/videos/{video.pk}/").content.decode()


def test_programs_order_a_page_and_are_told_what_it_is(there, program, ben, channel):
    its = program(ben)
    asked = {"source": f"{there.url}/kelp", "source_kind": "url", "seconds": 20}
    told = its.post("videos/", asked).json()
    assert (told["source_kind"], told["source_page"]) == ("url", None)
    scripted(Video.objects.get())
    page = its.get(f"videos/{told['id']}/").json()["source_page"]
    assert (page["title"], page["url"]) == ("Kelp forests", f"{there.url}/kelp")


BAD = {
    "not an address": "Kelp grows half a metre a day.",
    "another scheme": "ftp://example.org/kelp",
    "a password": "https://user:pass@example.org/",
    "no host": "https:///kelp",
    "a port beyond ports": "https://example.org:99999/",
    "metadata of a cloud": "http://169.254.169.254/latest/meta-data/",
    "a private number": "http://10.0.0.1/",
    "a mapped number": "http://[::ffff:a9fe:a9fe]/",
    "a number in one piece": "http://2852039166/",
}


@pytest.mark.parametrize("source", BAD.values(), ids=BAD)
def test_an_address_that_nobody_may_ask_is_refused_at_the_door(
    program, browser, ben, channel, source
):
    asked = {"source": source, "source_kind": "url"}
    answer = program(ben).post("videos/", asked)
    problem(answer, 409, "bad_source")
    assert answer.json()["detail"].startswith("source: ")
    assert not Video.objects.exists()


@pytest.mark.parametrize("source", ["http://10.0.0.1/admin", "https://user:pass@example.org/a"])
def test_a_refused_address_stays_in_the_form(browser, ana, channel, source):
    form = {"channel": channel.pk, "source": source, "seconds": 20, "format": "short"}
    answer = browser(ana).post("/videos/new/", {**form, "external_id": "mine-1"})
    told = answer.content.decode()
    assert answer.status_code == 422
    assert source in told
    assert "mine-1" in told
    assert not Video.objects.exists()


def test_an_address_in_the_form_becomes_a_video(browser, ben, channel, there):
    form = {"channel": channel.pk, "source": f"{there.url}/kelp", "seconds": 20, "format": "short"}
    browser(ben).post("/videos/new/", form)
    assert scripted(Video.objects.get()).state == RunState.DONE


def test_a_page_that_leads_inwards_parks_the_video_until_it_has_another_source(
    ordered, there, by_ana
):
    video = ordered(there.leads("/trap", "http://169.254.169.254/latest/meta-data/"))
    run = scripted(video)
    assert run.state == RunState.FAILED
    assert "private network" in run.reason
    assert there.asked == ["/trap"]
    actions.change_order(by=by_ana, video=video, source=f"{there.url}/kelp")
    assert scripted(video).state == RunState.DONE


def test_a_page_that_is_gone_is_read_when_it_is_back(ordered, there, by_ana):
    there.page("/late", status=404)
    video = ordered(f"{there.url}/late")
    run = scripted(video)
    assert (run.state, "no page at this address" in run.reason) == (RunState.FAILED, True)
    there.page("/late", article())
    video.refresh_from_db()
    actions.resume(by=by_ana, video=video)
    assert scripted(video).state == RunState.DONE


def test_a_server_in_trouble_is_asked_again_by_itself(ordered, there):
    there.page("/late", status=503)
    run = scripted(ordered(f"{there.url}/late"))
    assert (run.state, run.attempt) == (RunState.WAITING, 1)
    assert "trouble of its own" in run.reason


def test_a_page_in_another_language_than_ordered_is_refused_with_what_to_change(
    ordered, there, by_ana
):
    there.page("/tang", article(GERMAN * 2, lang="de"))
    video = ordered(f"{there.url}/tang", language="en")
    run = scripted(video)
    assert run.state == RunState.FAILED
    assert "in German and the video is ordered in English" in run.reason
    actions.change_order(by=by_ana, video=video, language="de")
    assert scripted(video).state == RunState.DONE
    assert there.asked == ["/tang"]
    video.refresh_from_db()
    assert video.script.content["language"] == "de"


def test_a_book_of_a_page_becomes_a_short_video(ordered, there):
    facts = (
        f"Chapter {n} tells of {n * 7} plants that divers counted. {PROSE}" for n in range(2500)
    )
    there.page("/book", article(*facts))
    video = ordered(f"{there.url}/book")
    assert scripted(video).state == RunState.DONE
    assert 20 < len(spoken(video).split()) < 120


def test_markup_of_a_page_is_text_in_the_studio(ordered, there, browser, ana):
    head = '<meta name="author" content="&lt;script&gt;alert(1)&lt;/script&gt; Ana">'
    there.page("/evil", article(f"{PROSE}&lt;img src=x onerror=alert(1)&gt; {PROSE}", head=head))
    video = ordered(f"{there.url}/evil")
    assert scripted(video).state == RunState.DONE
    told = browser(ana).get(f"/videos/{video.pk}/").content.decode()
    assert "<script>alert" not in told
    assert "<img src=x" not in told


# --- a look before the video is made


def test_a_page_can_be_looked_at_before_a_video_is_made(browser, ben, channel, there):
    its = browser(ben)
    waiting = its.post("/videos/new/page/", {"source": f"{there.url}/kelp#a"}).content.decode()
    assert "Reading the page" in waiting
    assert there.asked == []  # a worker reads it, and no web process waits
    work_off()
    shown = its.get("/videos/new/page/", {"url": f"{there.url}/kelp"}).content.decode()
    for told in ("Kelp forests", "Ana Diver", "Kelp forests grow in cold", "words", "English"):
        assert told in shown
    assert not Video.objects.exists()


def test_a_look_at_what_can_not_be_read_says_why(browser, ben, there):
    its = browser(ben)
    trap = there.leads("/trap", "http://10.0.0.1/")
    its.post("/videos/new/page/", {"source": trap})
    work_off()
    assert "private network" in its.get("/videos/new/page/", {"url": trap}).content.decode()
    told = its.post("/videos/new/page/", {"source": "http://10.0.0.1/"}).content.decode()
    assert "This address leads into a private network" in told
    assert not to_read()


def test_a_page_that_nobody_reads_is_waited_for_a_minute_at_most(browser, ben, there):
    asked = {"url": f"{there.url}/kelp", "asked": "60"}
    assert "No worker" in browser(ben).get("/videos/new/page/", asked).content.decode()


def test_asking_twice_reads_once_and_asking_much_is_refused(browser, ben, there):
    its = browser(ben)
    for _ in range(reading.A_PERSON.count):
        its.post("/videos/new/page/", {"source": f"{there.url}/kelp"})
    assert len(to_read()) == 1
    told = its.post("/videos/new/page/", {"source": f"{there.url}/other"}).content.decode()
    assert "wait a minute" in told
    assert len(to_read()) == 1


def test_a_look_is_for_editors_of_the_team_alone(browser, ben, vic, cho, there):
    asked = {"source": f"{there.url}/kelp"}
    browser(ben).post("/videos/new/page/", asked)
    work_off()
    known = {"url": f"{there.url}/kelp"}
    assert "Ana Diver" not in browser(vic).get("/videos/new/page/", known).content.decode()
    assert "Ana Diver" not in browser(cho).get("/videos/new/page/", known).content.decode()
    assert browser(None).get("/videos/new/page/", known).status_code == 302
    browser(vic).post("/videos/new/page/", asked)
    assert not to_read()


@pytest.mark.parametrize("title", ["Win at https://evil.example/now", "Call +1 900 555 0199"])
def test_a_page_that_calls_itself_an_address_is_credited_without(title):
    script = Script(title="Kelp", language="en", method="assembled", scenes=())
    page = f"---\ntitle: {title}\nauthor: Ana Diver\nurl: https://good.example/a\n---\n\nKelp.\n"
    told = page_sources.credited(script, page).description
    assert told == "Source: Ana Diver, https://good.example/a"
