"""The command's answers when something is wrong: a sentence, an exit code, nothing lost."""

import json
import os

import pytest

from tests.doubles.site import site
from tests.processes import Installation
from tests.videos.test_web_pages import HEAD, article

pytestmark = pytest.mark.processes

TEXT = "Kelp grows half a metre a day in cold clear water. Otters guard the forest."


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "kelp.md"
    path.write_text(TEXT)
    return path


def told(installation: Installation, *arguments: object) -> tuple[int, dict]:
    answer = installation.manage("make_video", *map(str, arguments), "--json")
    return answer.returncode, json.loads(answer.stdout)


def test_a_database_without_tables_is_a_sentence(tmp_path, text):
    fresh = Installation(tmp_path / "fresh")
    code, answer = told(fresh, text, "--out", tmp_path / "out")
    assert (code, answer["code"]) == (1, "database")
    assert "migrate" in answer["error"]


@pytest.mark.parametrize("name", ["k" * 300, "nothing.md"])
def test_a_source_that_is_not_there_is_a_sentence(installation, tmp_path, name):
    code, answer = told(installation, tmp_path / name, "--out", tmp_path / "out")
    assert (code, answer["code"]) == (2, "bad_source")


def test_a_folder_in_a_files_place_is_noticed_before_the_work(installation, tmp_path, text):
    (tmp_path / "out" / "video.mp4").mkdir(parents=True)
    code, answer = told(installation, text, "--out", tmp_path / "out")
    assert (code, answer["code"]) == (2, "bad_source")
    assert os.listdir(tmp_path / "out") == ["video.mp4"]


def test_a_title_that_is_no_text_is_a_sentence(installation, tmp_path, text):
    code, answer = told(installation, text, "--out", tmp_path / "out", "--title", "\udcff")
    assert (code, answer["code"]) == (2, "invalid")


def test_an_address_that_nobody_may_ask_is_a_sentence(installation, tmp_path):
    code, answer = told(installation, "http://169.254.169.254/", "--out", tmp_path / "out")
    assert (code, answer["code"]) == (2, "bad_source")
    assert "private network" in answer["error"]


def test_a_page_that_is_gone_is_a_sentence_and_the_video_is_kept(installation, tmp_path):
    installation.env["OUTBOUND_LOOPBACK"] = "1"
    with site() as there:
        code, answer = told(installation, f"{there.url}/kelp", "--out", tmp_path / "out")
    assert (code, answer["state"]) == (1, "failed")
    assert "no page at this address" in answer["reason"]


@pytest.mark.media
def test_a_page_of_the_web_becomes_a_video_that_names_it(installation, tmp_path):
    installation.env["OUTBOUND_LOOPBACK"] = "1"
    small = ("--seconds", "8", "--format", "square", "--voice", "piper:joe")
    with site() as there:
        url = there.page("/kelp", article(head=HEAD))
        code, answer = told(installation, url, "--out", tmp_path / "out", *small)
    assert code == 0, answer
    record = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert (record["source_page"]["url"], record["source_page"]["author"]) == (url, "Ana Diver")
    assert record["parts"][0]["provider"] == "source:web 1"


@pytest.mark.media
def test_a_mended_text_goes_on_under_the_same_number_and_follows_no_link(
    installation, tmp_path, text
):
    precious, out = tmp_path / "precious", tmp_path / "out"
    precious.write_text("mine")
    out.mkdir()
    for name in ("provenance.json", "captions.srt"):
        (out / name).symlink_to(precious)
    (tmp_path / "picture.png").write_text("no picture")
    bad = tmp_path / "bad.md"
    bad.write_text("Kelp")
    code, answer = told(installation, bad, "--out", out, "--seconds", "8", "--format", "square")
    assert (code, answer["state"]) == (1, "failed")
    text.write_text(f"{TEXT}\n\n![a](picture.png)\n")
    number = answer["video_id"]
    answer = installation.manage(
        "make_video", str(text), "--out", str(out), "--resume", str(number), "--json",
        "--voice", "piper:joe",
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)["video_id"] == number
    assert "Left out: The picture picture.png is not" in answer.stderr
    assert precious.read_text() == "mine"
    assert "Otters" in (out / "captions.srt").read_text()
