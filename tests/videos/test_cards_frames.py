"""Frames are a function of the spec: same spec, same bytes; and something always moves."""

import hashlib

import pytest
import skia

from tests.videos import looks
from videos.contracts import SIZES
from videos.media.cards.film import PUSH, Film

pytestmark = pytest.mark.media


def frame(spec: dict, number: int) -> bytes:
    return looks.still(spec, number).tobytes()


def row_of(data: bytes, spec: dict, y: float) -> bytes:
    width = spec["size"][0] * 4
    return data[int(y) * width : (int(y) + 1) * width]


@pytest.mark.parametrize("form", sorted(SIZES))
@pytest.mark.parametrize("template", sorted(looks.SHORT))
def test_the_same_spec_gives_the_same_frames(tmp_path, template, form):
    spec = looks.drawing(tmp_path, looks.scene(template, form))
    first, second = (hashlib.sha256(frame(spec, 40)).digest() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("template", sorted(looks.SHORT))
def test_a_frame_does_not_depend_on_those_drawn_before(tmp_path, template):
    spec = looks.drawing(tmp_path, looks.scene(template, "square"))
    surface = skia.Surface.MakeRasterN32Premul(*spec["size"])
    film = Film(spec)
    for number in (0, 3, 8, 20, 30):
        film.draw(surface.getCanvas(), number)
    assert surface.makeImageSnapshot().tobytes() == frame(spec, 30)


@pytest.mark.parametrize("template", sorted(looks.SHORT))
def test_nothing_stands_still_after_the_entrance(tmp_path, template):
    spec = looks.drawing(tmp_path, looks.scene(template, "square"), frames=600)
    assert frame(spec, 400) != frame(spec, 430)


@pytest.mark.parametrize("frames", [30, 45, 300])
def test_everything_has_come_after_two_fifths_of_the_scene(tmp_path, frames):
    spec = looks.drawing(tmp_path, looks.scene("list", "square"), frames=frames)
    film = Film(spec)
    still = [element for element in film.scene.elements if element.name == "row"]
    surface = skia.Surface.MakeRasterN32Premul(*spec["size"])

    def drawn(number: int) -> bytes:
        surface.getCanvas().clear(0)
        for element in still:
            element.draw(surface.getCanvas(), film.scene.clock(number, frames))
        return surface.makeImageSnapshot().tobytes()

    assert drawn(int(frames * 0.4) + 1) == drawn(frames - 1)


def test_the_push_leaves_the_mark_and_the_bar_where_they_are(tmp_path):
    before = looks.drawing(tmp_path, looks.scene("quote"))["scene"] | {"frames": 50}
    spec = looks.drawing(tmp_path, looks.scene("title"), previous=before)
    film = Film(spec)
    bar = film.sheet.bar
    rows = [row_of(frame(spec, number), spec, bar.middle) for number in (2, PUSH - 3)]
    done = int(bar.x + bar.w * 0.2) * 4
    assert rows[0][done : done + 4] == rows[1][done : done + 4]


def test_the_push_starts_from_the_last_frame_of_the_scene_before(tmp_path):
    before = looks.drawing(tmp_path, looks.scene("quote"), frames=50, index=0)
    last = frame(before, 49)
    after = looks.drawing(tmp_path, looks.scene("title"), previous=before["scene"] | {"frames": 50})
    kept = Film(after)._last.tobytes()
    for y in (300, 700, 1100, 1700):  # beside the chrome, which is not part of what moves
        assert row_of(kept, after, y) == row_of(last, after, y)
