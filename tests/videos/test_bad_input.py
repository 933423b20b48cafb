"""Texts that nobody should have sent: each gets a sentence, and the video is kept."""

import json

import pytest
from PIL import Image

from config.kit.errors import Refused
from teams.access import operator
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
    "junk": "\x00\x01\x02\x7f" * 500,
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
    Video.objects.update(source="Kelp grows half a metre a day. Otters guard the forest well.")
    actions.resume(by=operator(run.video.team), video=run.video)
    perform(runs.claim("studio", "w:1", 9))
    assert StageRun.objects.get(pk=run.pk).state == RunState.DONE


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


def test_a_picture_of_twenty_thousand_pixels_is_refused_with_what_to_do(by_ana, channel, tmp_path):
    path = tmp_path / "huge.png"
    Image.new("1", (20_000, 20_000)).save(path)
    asset = assets.keep_picture(by=by_ana, path=path)
    visual = {"template": "picture", "picture": "huge.png"}
    scene = {"narration": "Kelp grows in cold water.", "headline": "Kelp", "visual": visual}
    wish = actions.Wish(
        source=json.dumps({"version": 1, "title": "Kelp", "language": "en", "scenes": [scene]}),
        source_kind="script",
        pictures={"huge.png": asset.sha256},
    )
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    perform(runs.claim("studio", "w:1", 9))
    StageRun.objects.filter(stage="narration").update(state=RunState.DONE)
    perform(runs.claim("studio", "w:1", 9))
    run = StageRun.objects.get(video=video, stage="visuals")
    assert run.state == RunState.FAILED
    assert "20,000" in run.reason


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
