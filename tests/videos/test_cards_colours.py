"""Whatever colours a brand has, its words can be read on its own ground."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels_app.looks import advice
from channels_app.samples import KITS
from videos.contracts import Brand
from videos.media.cards import axes, colours

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
BRANDS = st.builds(Brand, ink=COLOURS, paper=COLOURS, accent=COLOURS, second=COLOURS, glow=COLOURS)


@settings(max_examples=300, deadline=None)
@given(BRANDS)
def test_every_text_colour_stands_out_from_every_ground(brand):
    look = colours.palette(brand)
    for ink in look.texts:
        assert colours.worst(ink, look.grounds) >= 4.5
    assert colours.contrast(look.on_accent, look.accent) >= 4.5
    assert colours.contrast(look.on_second, look.second) >= 4.5
    assert colours.contrast(look.on_raised, look.raised) >= 4.5


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_sample_brands_are_shown_in_the_colours_that_they_name(kit):
    look = colours.palette(
        Brand(ink=kit.ink, paper=kit.paper, accent=kit.accent, second=kit.second, glow=kit.glow)
    )
    assert look.text == colours.parse(kit.paper)
    assert look.accent_text == colours.parse(kit.accent)
    assert look.second_text == colours.parse(kit.second)
    named = {name: getattr(kit, name) for name in ("ink", "paper", "accent", "second", "glow")}
    assert advice(named) == []


@settings(max_examples=200, deadline=None)
@given(BRANDS)
def test_words_on_pictures_stand_out_for_every_brand(brand):
    look = colours.over_picture(colours.palette(brand))
    for ink in look.texts:
        assert colours.contrast(ink, look.ground) >= 4.5


def test_a_brand_that_is_readable_keeps_its_colours():
    look = colours.palette(Brand())
    assert look.text == colours.parse(Brand().paper)
    assert look.accent_text == colours.parse(Brand().accent)


def test_a_colour_that_is_none_falls_back():
    assert colours.parse("tomato", (1, 2, 3)) == (1, 2, 3)


@pytest.mark.parametrize(
    ("values", "marks"),
    [
        ([0, 20841], [0, 5000, 10000, 15000, 20000, 25000]),
        ([60, 91, 7], [0, 20, 40, 60, 80, 100]),
        ([-3.2, 6.1], [-4, -2, 0, 2, 4, 6, 8]),
        ([5, 5], [0, 1, 2, 3, 4, 5]),
        ([0, 0], [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
    ],
)
def test_axes_have_round_steps_with_zero_among_them(values, marks):
    assert axes.ticks(values) == pytest.approx(marks)


@pytest.mark.parametrize(
    ("amount", "step", "language", "around", "text"),
    [
        (20000, 5000, "en", ("$", ""), "$20K"),
        (2500, 2500, "en", ("$", ""), "$2.5K"),
        (0, 5000, "en", ("$", ""), "$0"),
        (1200, 200, "de", ("", " €"), "1.200 €"),
        (0.5, 0.25, "de", ("", " %"), "0,50 %"),
        (-2, 2, "en", ("", "%"), "-2%"),
        (3000000, 1000000, "de", ("", ""), "3\u00a0Mio."),
        (1e-9, 1e-9, "en", ("", ""), "1e-09"),
        (40, 20, "nonsense", ("", ""), "40"),
    ],
)
def test_amounts_on_axes_are_short_and_in_the_videos_language(amount, step, language, around, text):
    assert axes.written(amount, step, language, *around) == text
