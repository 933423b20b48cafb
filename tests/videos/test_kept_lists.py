"""Lists that are kept: nobody sees them as they were, or as another one may see them."""

import subprocess
import sys

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels_app.actions import change_brand_kit, change_channel, create_channel
from channels_app.models import Upload
from config.kit.cache import Kept
from teams.actions import change_team
from teams.models import Membership, Role
from tests.processes import ROOT, Installation
from videos import actions, listing, removals, runs
from videos.models import StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)
WHO_ASKS = 3  # session, person, membership
MONEY = 2  # what videos were expected to cost and have cost, which is never kept


def shown(client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client, page: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        shown(client, page)
    return len(seen)


@pytest.mark.parametrize("page", ["/", "/videos/", "/videos/?state=resting", "/channels/"])
def test_a_page_that_was_seen_asks_only_who_looks(browser, ben, video, page):
    client = browser(ben)
    assert queries(client, page) > WHO_ASKS
    assert queries(client, page) == WHO_ASKS


def test_who_sees_costs_has_them_read_anew(browser, ana, video):
    client = browser(ana)
    shown(client, "/videos/")
    assert queries(client, "/videos/") == WHO_ASKS + MONEY


@pytest.mark.parametrize("path", ["videos/", "videos/?state=queued", "channels/", "brand-kits/"])
def test_a_list_for_programs_that_was_read_is_not_asked_for_anew(program, ana, video, path):
    its = program(ana)

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            assert its.get(path).json()["results"]
        return [one["sql"] for one in seen.captured_queries]

    rows = ("videos_video", "channels_app_channel", "channels_app_brandkit")
    assert any(f'FROM "{table}"' in sql for sql in asked() for table in rows)
    assert not any(f'FROM "{table}"' in sql for sql in asked() for table in rows)


def test_every_change_shows_on_the_next_look(browser, ana, by_ana, channel, video):
    client = browser(ana)
    look = {"kit": channel.brand_kit, "look": {"name": "Dusk"}}
    upload = {"team": channel.team, "channel": channel, "video_id": video.pk, "title": "Kelp"}
    changes = [
        ("/videos/", lambda: actions.pause(by=by_ana, video=video), "Paused"),
        ("/", lambda: actions.resume(by=by_ana, video=video), "Waiting for a worker"),
        ("/videos/", lambda: runs.claim("studio", "test:1", 9), "Producing"),
        ("/videos/", lambda: Video.objects.update(title="Otters"), "Otters"),
        ("/videos/", lambda: removals.delete_video(by=by_ana, video=video), "No video yet"),
        ("/videos/?bin=on", lambda: Video.objects.update(title="Urchins"), "Urchins"),
        ("/channels/", lambda: change_brand_kit(by=by_ana, **look), "Dusk"),
        ("/channels/", lambda: Upload.objects.create(**upload, state="failed"), "1 not published"),
        (
            "/videos/",
            lambda: change_channel(by=by_ana, channel=channel, settings={"name": "Tang"}),
            "Tang",
        ),
        ("/channels/", lambda: create_channel(by=by_ana, name="Reef", slug="r", brand={}), "Reef"),
        (
            "/",
            lambda: change_team(by=by_ana, team=channel.team, name="Salt", email="s@example.org"),
            "Salt",
        ),
    ]
    for page, change, told in changes:
        assert told not in shown(client, page), told
        change()
        assert told in shown(client, page), told


def test_who_lost_a_right_loses_it_at_once(browser, ana, ben, video):
    client = browser(ben)
    assert "New video" in shown(client, "/videos/")
    Membership.objects.filter(user=ben).update(role=Role.VIEWER)
    assert "New video" not in shown(client, "/videos/")
    Membership.objects.filter(user=ben).delete()
    assert client.get("/videos/").status_code == 302


def test_what_an_owner_was_shown_gives_a_viewer_no_right(browser, ana, vic, cho, video):
    for page in ("/", "/videos/", "/channels/"):
        assert "New video" in shown(browser(ana), page)
        assert "New video" not in shown(browser(vic), page)
        assert "Kelp" not in shown(browser(cho), page)


def test_a_program_is_shown_no_other_teams_rows_and_no_other_host(program, ana, cho, vic, video):
    its, path = program(ana), "videos/?limit=1"
    create = {"source": "Otters guard it.", "title": "Otters"}
    its.post("videos/", create)
    first = its.get(path).json()
    assert first["next"].startswith("http://testserver/")
    assert program(cho).get(path).json()["results"] == []
    other = its.client.get(f"/api/v1/{path}", headers=its.headers, SERVER_NAME="localhost").json()
    assert other["next"].startswith("http://localhost/")
    assert other["results"][0]["links"]["self"].startswith("http://localhost/")
    assert its.get(first["next"].partition("/api/v1/")[2]).json()["results"][0]["title"] == "Kelp"
    assert program(vic).get(path).json()["results"][0]["title"] == "Otters"


def test_a_run_at_work_moves_on_in_what_is_kept(browser, program, ana, video):
    client, its = browser(ana), program(ana)
    run = runs.claim("studio", "test:1", 9)
    shown(client, "/videos/"), its.get("videos/")
    before = its.get("videos/").json()["results"][0]["progress"]["fraction"]
    assert runs.beat(run, fraction=0.9, phase="writing", eta_s=5)
    assert its.get("videos/").json()["results"][0]["progress"]["fraction"] > before
    with CaptureQueriesContext(connection) as seen:
        assert (
            listing.page(video.team_id, listing.Search(), "1", 50).videos[0].progress.eta_s is None
        )
    assert len(seen) == 1
    assert StageRun.objects.get(pk=run.pk).phase == "writing"


def test_a_later_run_that_is_taken_up_shows_on_the_next_look(video):
    def stage() -> str:
        return listing.page(video.team_id, listing.Search(), "1", 50).videos[0].progress.stage

    runs.give_back(runs.claim("studio", "test:1", 9))
    assert stage() == ""
    runs.claim("studio", "test:1", 9)
    assert stage() == "script"


def test_a_list_names_models_that_are_watched():
    with pytest.raises(TypeError, match="StageRun is not"):
        Kept((StageRun,), ttl=60)


SEES = """
from videos import listing
from teams.models import Team
team = Team.objects.get(slug="kelp").pk
print([str(one) for one in listing.page(team, listing.Search(), "1", 50).videos], flush=True)
"""
CHANGES = """
from videos.models import Video
Video.objects.update(title="Otters")
"""
MAKES = """
from teams.access import operator
from teams.actions import create_team
from channels_app.actions import create_channel
from videos.actions import Wish, create_video
team = create_team(name="Kelp", slug="kelp", email="k@example.org")
by = operator(team)
channel = create_channel(by=by, name="Kelp", slug="kelp", brand={})
create_video(by=by, channel=channel, wish=Wish(source="Kelp grows fast.", title="Kelp"))
"""


@pytest.mark.processes
def test_what_one_process_changes_another_shows(tmp_path):
    installation = Installation(tmp_path)
    installation.env.pop("REDIS_URL", None)
    assert installation.manage("migrate").returncode == 0
    assert installation.manage("shell", "-c", MAKES).returncode == 0
    loop = f"import sys\nfor line in sys.stdin:\n    exec({SEES!r})"
    reader = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", loop],
        cwd=ROOT,
        env=installation.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def sees() -> str:
        reader.stdin.write("look\n")
        reader.stdin.flush()
        return reader.stdout.readline().strip()

    try:
        assert (sees(), sees()) == ("['Kelp']", "['Kelp']")
        assert list((tmp_path / "kept").iterdir())
        assert installation.manage("shell", "-c", CHANGES).returncode == 0
        assert sees() == "['Otters']"
    finally:
        reader.kill()
        reader.wait()
