"""Texts that nobody should have sent: each gets a sentence, and the video is kept."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from config.kit.errors import Refused
from teams.access import operator
from tests.conftest import acting
from videos import actions, assets, runs, sources
from videos.models import RunState, StageRun, Video
from videos.pipeline import perform

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scripted(by_ana, channel):
    """Orders a video and lets its script stage run; answers the run."""

    def order(source: str, **wish) -> StageRun:
        wish = actions.Wish(source=source, seconds=20, **wish)
        video = actions.create_video(by=by_ana, channel=channel, wish=wish)
        run = runs.claim("studio", "w:1", 9)
        perform(run)
        return StageRun.objects.get(video=video, stage="script")

    return order


NOT_ENOUGH = {
    "empty": "",
    "blanks": " \n\t ",
    "one word": "Kelp",
    "code only": "```python\nprint('hello')\nfor i in range(3):\n    pass\n```",
    "emoji only": "🌊🐙🌿 🌊🌊🌊 🐟",
    "links only": "https://example.org/one\nhttps://example.org/two",
    "junk": "\x01\x02\x7f" * 500,
}


@pytest.mark.parametrize("source", NOT_ENOUGH.values(), ids=NOT_ENOUGH)
def test_a_text_that_says_nothing_is_refused_with_what_to_do(scripted, source):
    run = scripted(source)
    assert run.state == RunState.FAILED
    assert run.reason.endswith(".")
    assert len(run.reason.split()) > 5
    assert run.video.state == "failed"
    assert run.video.source == source


def test_after_the_text_was_mended_the_video_goes_on(scripted):
    run = scripted("Kelp")
    text = "Kelp grows half a metre a day. Otters guard the forest well."
    actions.change_order(by=operator(run.video.team), video=run.video, source=text)
    perform(runs.claim("studio", "w:1", 9))
    assert StageRun.objects.get(pk=run.pk).state == RunState.DONE


WRONG_ORDERS = {
    "seconds": {"seconds": 1},
    "endless": {"seconds": 10**12},
    "priority": {"priority": 10**30},
    "half a character": {"title": "Kelp \ud800"},
    "NUL": {"source": "Kelp\0grows"},
    "format": {"format": "bogus"},
    "kind": {"source_kind": "pdf"},
    "music": {"music": "polka"},
    "title": {"title": "k" * 500},
    "voice": {"voice": "k" * 300},
    "language": {"language": "klingonklingonklingon"},
    "no tag": {"language": "e!"},
    "path": {"pictures": {"a": "../../../etc/passwd"}},
    "picture": {"pictures": {"a": "0" * 64}},
}


@pytest.mark.parametrize("wrong", WRONG_ORDERS.values(), ids=WRONG_ORDERS)
def test_an_order_that_no_video_can_follow_is_refused_at_once(by_ana, channel, wrong):
    wish = actions.Wish(**{"source": "Kelp grows half a metre a day.", **wrong})
    with pytest.raises(Refused, match=r"\w{3,}: .+\.$"):
        actions.create_video(by=by_ana, channel=channel, wish=wish)
    assert not Video.objects.exists()


def test_another_teams_picture_is_no_picture(cho, by_ana, channel, tmp_path):
    Image.new("RGB", (90, 90)).save(tmp_path / "own.png")
    theirs = assets.keep_picture(by=acting(cho), path=tmp_path / "own.png")
    wish = actions.Wish(source="Kelp grows.", pictures={"own.png": theirs.sha256})
    with pytest.raises(Refused, match="upload each picture"):
        actions.create_video(by=by_ana, channel=channel, wish=wish)


def test_two_megabytes_of_text_become_a_script(scripted):
    paragraph = (
        "The forest number {} grows in cold water near the coast. Divers count its {} plants "
        "every spring and publish what they find.\n\n"
    )
    text = "".join(paragraph.format(n, n * 7) for n in range(15_000))
    assert len(text) > 1_900_000
    assert scripted(text).state == RunState.DONE


def test_scripts_in_html_are_never_spoken(scripted):
    run = scripted(
        "<html><head><title>Kelp</title><script>alert('pwned')</script></head><body>"
        "<p>Kelp grows half a metre a day in cold water.</p><p onclick='steal()'>Otters guard "
        "the forest from hungry urchins.</p><style>p { color: red }</style></body></html>"
    )
    assert run.state == RunState.DONE
    said = " ".join(run.video.scenes.values_list("narration", flat=True))
    assert "Otters guard" in said
    for hostile in ("alert", "pwned", "steal", "color"):
        assert hostile not in said


TONGUES = {
    "ar": "تنمو غابات عشب البحر في المياه الباردة قرب الساحل. "
    "تحمي ثعالب الماء هذه الغابات من القنافذ. "
    "يعود العشب بسرعة عندما تعود الثعالب إلى البحر.",
    "he": "יערות אצות גדלים במים קרים ליד החוף. לוטרות הים שומרות על היער מפני קיפודי ים. "
    "היער חוזר במהירות כאשר הלוטרות חוזרות אל הים.",
    "ja": "昆布の森は冷たい海で育ちます。ラッコはウニを食べて森を守ります。"
    "ラッコが戻ると、森もすぐに戻ります。",
    "zh": "海藻森林生长在寒冷的海水中。海獭吃掉海胆，保护着森林。当海獭回来时，森林很快就会恢复。",
}


@pytest.mark.parametrize("language", TONGUES)
def test_other_scripts_are_understood(scripted, language):
    run = scripted(TONGUES[language])
    assert run.state == RunState.DONE, run.reason
    run.video.refresh_from_db()
    assert run.video.script.content["language"] == language


def test_a_script_that_is_no_json_names_the_line(scripted):
    run = scripted('{"version": 1,\n "scenes": [}', source_kind="script")
    assert run.state == RunState.FAILED
    assert "line 2" in run.reason


def test_a_scene_that_takes_more_than_a_minute_is_named(scripted):
    narration = "Kelp grows in cold water and shelters many fish. " * 40
    script = {"version": 1, "title": "Kelp", "scenes": [{"narration": narration}]}
    run = scripted(json.dumps(script), source_kind="script")
    assert run.state == RunState.FAILED
    assert "scene" in run.reason.lower()
    assert "60" in run.reason


def test_a_picture_of_twenty_thousand_pixels_is_refused_with_what_to_do(by_ana, tmp_path):
    path = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000)).save(path)
    with pytest.raises(assets.NotAPicture, match="20,000"):
        assets.keep_picture(by=by_ana, path=path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Refused, match=r"kelp\.md"):
        sources.read(tmp_path / "kelp.md")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "kelp.md").write_bytes(b"\xff\xfe\x00K\x00e")
    with pytest.raises(Refused, match="UTF-8"):
        sources.read(tmp_path / "kelp.md")


def test_a_huge_file_is_refused_unread(tmp_path):
    with (tmp_path / "kelp.md").open("wb") as file:
        file.truncate(20_000_000)
    with pytest.raises(Refused, match="MB"):
        sources.read(tmp_path / "kelp.md")


def test_pictures_outside_the_texts_folder_are_left_alone(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "own.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    text = "![a](../secret.png) ![b](link.png) ![c](own.png) ![d](https://example.org/x.png)"
    (folder / "kelp.md").write_text(text)
    assert list(sources.read(folder / "kelp.md").pictures) == ["own.png"]


def test_pictures_are_found_in_a_ready_script_and_under_quoted_names(tmp_path):
    for name in ("my hills.png", "sea.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "kelp.md").write_text("![a](my%20hills.png)\n\nKelp grows.")
    visual = {"template": "picture", "picture": "sea.png"}
    script = {"scenes": [{"narration": "Kelp grows.", "visual": visual}]}
    (tmp_path / "script.json").write_text(json.dumps(script))
    assert list(sources.read(tmp_path / "kelp.md").pictures) == ["my%20hills.png"]
    assert list(sources.read(tmp_path / "script.json").pictures) == ["sea.png"]


def test_a_name_that_no_disk_takes_is_a_sentence(tmp_path):
    with pytest.raises(Refused, match="can't be read"):
        sources.read(tmp_path / ("k" * 300))


ENDLESS = (" ", "\t", "\n", " \n", "\u00a0", "\r", "\x0c", "<img ", "![", "[a](", "*", "`", "|a|\n")


@pytest.mark.parametrize("mark", ENDLESS, ids=repr)
def test_the_same_mark_for_ever_takes_no_time_to_speak_of(tmp_path, mark):
    """A pattern that searches twice through such a text would not be back for an hour."""
    text = tmp_path / "endless.txt"
    text.write_text("Kelp grows. " + mark * (1_000_000 // len(mark)))
    script = (
        "import sys, pathlib, django; django.setup(); from videos import sources;"
        "from videos.writing.sources import find_kind;"
        "find_kind(sources.read(pathlib.Path(sys.argv[1])).text)"
    )
    subprocess.run([sys.executable, "-c", script, str(text)], check=True, timeout=120)
