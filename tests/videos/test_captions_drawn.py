"""Karaoke captions: inside their box, in the order in which they are read."""

import pytest
import skia

from videos.contracts import SIZES, Brand
from videos.media.captions import Cue, Timed
from videos.media.cards import colours, subtitles
from videos.media.cards.layout import sheet_for
from videos.media.cards.typeset import Tongue

pytestmark = pytest.mark.media


def cue(text: str) -> Cue:
    words = [Timed(word, n * 0.4, n * 0.4 + 0.4) for n, word in enumerate(text.split())]
    return Cue(tuple(words), 0.0, len(words) * 0.4)


@pytest.mark.parametrize("form", sorted(SIZES))
@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("Forty dollars a month, that is all", Tongue("en")),
        ("Donaudampfschifffahrtsgesellschaftskapitän", Tongue("de")),
        ("WWWWWWWWWWWWWWWWW MMMMMMMMMMMMMMMMMMMM", Tongue("en")),
        ("毎月 少しずつ 続ける ことが 力に なる", Tongue("ja")),
        ("الصبر مفتاح الفرج ومن سار على الدرب", Tongue("ar", rtl=True)),
    ],
)
def test_captions_stay_in_their_box_and_words_apart(form, text, tongue):
    sheet = sheet_for(*SIZES[form])
    spots = subtitles.place(cue(text), sheet, tongue).spots
    for spot in spots:
        assert sheet.captions.holds(spot.box, slack=2)
    for number, spot in enumerate(spots):
        assert not any(spot.box.touches(other.box) for other in spots[number + 1 :])


@pytest.mark.parametrize(
    ("words", "rtl", "order"),
    [
        (["a", "b", "c"], False, [0, 1, 2]),
        (["ب", "ت", "ث"], True, [2, 1, 0]),
        (["ب", "You", "Tube", "ث"], True, [3, 1, 2, 0]),
        (["عام", "2024"], True, [1, 0]),
        (["say", "שלום", "עולם", "now"], False, [0, 2, 1, 3]),
    ],
)
def test_words_stand_in_visual_order(words, rtl, order):
    assert subtitles.visual_order(words, rtl) == order


def test_the_word_being_said_is_lit_and_no_other():
    sheet, look = sheet_for(*SIZES["square"]), colours.palette(Brand())
    shown = subtitles.Subtitles([cue("one two three")], sheet, look, Tongue("en"))
    spots = subtitles.place(cue("one two three"), sheet, Tongue("en")).spots

    def lit(seconds: float) -> list[bool]:
        surface = skia.Surface.MakeRasterN32Premul(*SIZES["square"])
        surface.getCanvas().clear(0xFF000000)
        shown.draw(surface.getCanvas(), seconds)
        pixels = surface.makeImageSnapshot().tobytes()
        places = [(int(spot.box.middle) * 1080 + int(spot.box.x - 5)) * 4 for spot in spots]
        return [pixels[at : at + 3] == bytes((0x24, 0xB2, 0xFF)) for at in places]

    assert lit(0.3) == [True, False, False]
    assert lit(0.7) == [False, True, False]
    assert lit(1.19) == [False, False, True]
