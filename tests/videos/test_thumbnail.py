"""Thumbnails: 1280 by 720, below 2 MB, whatever the title and the picture."""

import json
from dataclasses import asdict, replace

import pytest
from PIL import Image

import videos.stages.thumbnail
import videos.stages.visuals  # noqa: F401 - both register themselves
from bench.driver import Studio
from tests.videos import looks
from tests.videos.test_visuals_stage import ORDER, SCRIPT
from videos.contracts import Brand, SceneText
from videos.media.cards import poster

pytestmark = pytest.mark.media

GIVEN = {
    "title": "Small money, big time",
    "kicker": "Story",
    "accent": "big time",
    "figure": "$5,633",
    "language": "en",
    "brand": asdict(Brand()),
    "picture": "",
}


def saved(tmp_path, **changes) -> Image.Image:
    out = tmp_path / "thumbnail.jpg"
    poster.save({**GIVEN, **changes}, out)
    assert out.stat().st_size < 2_000_000
    made = Image.open(out)
    assert (made.format, made.size) == ("JPEG", (1280, 720))
    return made


@pytest.mark.parametrize(
    "title",
    [
        "Kelp",
        "Kelp: the forest below the waves that feeds us",
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen",
        "word " * 40,
        "الصبر مفتاح الفرج",
        "毎月少しずつ続けることが力になる",
    ],
)
def test_any_title_makes_a_thumbnail(tmp_path, title):
    saved(tmp_path, title=title, accent="")


def test_a_noisy_picture_still_stays_below_the_limit(tmp_path):
    noise = tmp_path / "noise.jpg"
    Image.effect_noise((1600, 1000), 255).convert("RGB").save(noise, quality=95)
    saved(tmp_path, picture=str(noise))


def test_the_same_thumbnail_has_the_same_bytes(tmp_path):
    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    for out in (one, other):
        poster.save(GIVEN, out)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Small money, big time", ("Small money, big time", "")),
        (
            "Kelp: the forest below the waves",
            ("Kelp", "the forest below the waves"),
        ),
        ("Why do we sleep? The answer is odd", ("Why do we sleep?", "The answer is odd")),
        ("A well-known story of five words", ("A well-known story of five words", "")),
    ],
)
def test_the_first_half_of_a_long_title_is_the_big_one(title, parts):
    assert poster.split(title) == parts


def test_the_stage_uses_the_first_picture_and_the_first_figure(tmp_path):
    number = SceneText(
        "0c0c0c0c", "x", "", {"template": "number", "value": "60", "amount": 60, "suffix": " cm"}
    )
    script = replace(SCRIPT, scenes=(*SCRIPT.scenes, number))
    order = replace(ORDER, pictures={"hills.jpg": "abc"})
    work = Studio(tmp_path, order, script)
    work.put("asset", "abc", {"file": looks.hills(tmp_path / "upload")}, {})
    work.run("visuals")
    part = work.plan("thumbnail")[0]
    assert part.params["figure"] == "60 cm"
    assert part.params["picture"] == "visuals/scene:0b0b0b0b/picture.jpg"
    made = work.run("thumbnail")["whole"]
    assert Image.open(made.files["thumbnail.jpg"]).size == (1280, 720)
    assert json.loads((tmp_path / "room" / "thumbnail" / "poster.json").read_text())["poster"][
        "picture"
    ]
