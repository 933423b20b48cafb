"""Cues that can be read: short lines, whole phrases, enough time, never two at once."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from videos.media import captions
from videos.media.captions import Cue, Timed


def spoken(
    text: str, *, start: float = 0.2, word_s: float = 0.3, gap_s: float = 0.05
) -> list[Timed]:
    """Words one after another; `|` in the text is a pause of a second."""
    words, now = [], start
    for word in text.split():
        if word == "|":
            now += 1.0
            continue
        words.append(Timed(word, now, now + word_s))
        now += word_s + gap_s
    return words


def said(text: str, form: str = "short", length_s: float = 60.0, **speed: float) -> list[str]:
    return [cue.text for cue in captions.cues(spoken(text, **speed), length_s=length_s, form=form)]


@pytest.mark.parametrize(
    ("text", "form", "wanted"),
    [
        ("Kelp grows.", "short", ["Kelp grows."]),
        (
            "Giant kelp grows fast. It can reach sixty centimetres in a day.",
            "short",
            ["Giant kelp grows fast.", "It can reach sixty", "centimetres in a day."],
        ),
        (
            "We waited | and then it rained.",
            "short",
            ["We waited", "and then it rained."],
        ),
        (
            "Nobody noticed, but the sea had changed its colour overnight.",
            "landscape",
            ["Nobody noticed, but the sea had changed its colour overnight."],
        ),
        ("Yes.", "square", ["Yes."]),
    ],
)
def test_phrases_end_where_sentences_clauses_and_pauses_do(text, form, wanted):
    assert said(text, form) == wanted


def test_no_cue_ends_with_an_article_when_it_can_be_helped():
    cues = said("The forest below the waves feeds a thousand kinds of fish and the people above.")
    assert not [cue for cue in cues[:-1] if cue.split()[-1] in {"the", "a", "of", "and"}]


def test_no_word_is_left_alone():
    cues = said("One quiet habit became a fortune in thirty years for somebody.")
    assert all(len(cue.split()) > 1 for cue in cues)


def test_a_word_longer_than_a_line_stands_for_itself():
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    assert word in said(f"Der {word} kam.")


def test_chinese_is_written_without_blanks():
    assert (
        captions.joined(["毎月", "少しずつ", "続ける", "YouTube", "で"])
        == "毎月少しずつ続ける YouTube で"
    )


def test_an_empty_scene_has_no_cues():
    assert captions.cues([Timed("  ", 0, 1)], length_s=3, form="short") == []


def test_a_small_hole_is_closed_and_a_large_one_is_left():
    words = [
        Timed("One", 0.0, 0.5),
        Timed("two.", 0.5, 1.0),
        Timed("Three", 1.2, 1.7),
        Timed("four.", 1.7, 2.2),
        Timed("Five", 6.0, 6.5),
        Timed("six.", 6.5, 7.0),
    ]
    first, second, _ = captions.cues(words, length_s=10, form="short")
    assert first.end_s == second.start_s == 1.2
    assert second.end_s < 3.0


def test_the_last_cue_ends_with_its_scene_at_the_latest():
    cues = captions.cues(spoken("It ends here.", word_s=0.2), length_s=0.9, form="short")
    assert cues[-1].end_s == 0.9


WORDS = st.lists(
    st.tuples(
        st.text("abcdefgh.,!?", min_size=1, max_size=14),
        st.floats(0, 0.6),
        st.floats(0, 1.2),
    ),
    max_size=60,
)


@settings(max_examples=120, deadline=None)
@given(WORDS, st.sampled_from(["short", "landscape", "square"]), st.floats(0.5, 40))
def test_cues_are_in_order_apart_and_inside_their_scene(given_words, form, length_s):
    words, now = [], 0.0
    for text, gap, long in given_words:
        words.append(Timed(text, now + gap, now + gap + long))
        now += gap + long
    cues = captions.cues(words, length_s=length_s, form=form)
    assert [w.text for cue in cues for w in cue.words] == [text for text, _, _ in given_words]
    for cue, after in itertools.pairwise(cues):
        assert cue.end_s <= after.start_s + 1e-3
    for cue in cues:
        assert 0 <= cue.start_s <= cue.end_s <= length_s + 1e-3
        lines = captions.lines([w.text for w in cue.words], captions.LINE_LETTERS[form])
        assert len(lines) <= 2
        assert len(cue.words) == 1 or max(map(len, lines)) <= captions.LINE_LETTERS[form]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=40))
def test_ordinary_speech_is_never_faster_than_people_read(words):
    cues = captions.cues(spoken(" ".join(words), word_s=0.5), length_s=60, form="short")
    for cue in cues:
        assert len(cue.text) / (cue.end_s - cue.start_s) <= captions.SPEED + 0.5


def cue(text: str, start_s: float, end_s: float) -> Cue:
    words = tuple(Timed(word, start_s, end_s) for word in text.split())
    return Cue(words, start_s, end_s)


def test_srt_has_the_whole_video_with_offsets():
    scenes = [([cue("Kelp grows.", 0.2, 1.5)], 60), ([cue("Up to 60 cm a day.", 0.0, 2.25)], 90)]
    assert captions.srt(captions.whole(scenes), "short") == (
        "1\n00:00:00,200 --> 00:00:01,500\nKelp grows.\n\n"
        "2\n00:00:02,000 --> 00:00:04,250\nUp to 60 cm a day.\n"
    )


def test_vtt_escapes_what_would_be_markup():
    found = [cue("A < B & C --> D", 3600.5, 3601)]
    assert captions.vtt(found, "landscape") == (
        "WEBVTT\n\n01:00:00.500 --> 01:00:01.000\nA &lt; B &amp; C --&gt; D\n"
    )


def test_srt_never_holds_a_second_arrow_in_its_text():
    assert "A → B" in captions.srt([cue("A --> B", 0, 1)], "short")


def test_long_cues_are_written_on_two_even_lines():
    text = captions.srt([cue("Forty dollars a month, that is all", 0, 2)], "short")
    assert "Forty dollars\na month, that is all" in text or "Forty dollars a\n" in text


def test_right_to_left_lines_keep_their_full_stop_on_the_left():
    line = captions.vtt([cue("مرحبا بالعالم.", 0, 1)], "short").splitlines()[-1]
    assert line == "\u200fمرحبا بالعالم.\u200f"


def test_captions_json_is_read_back_as_it_was():
    found = captions.cues(spoken("Kelp grows. It grows fast."), length_s=9, form="short")
    document = captions.document(found, "en")
    assert captions.document(captions.read(document), "en") == document
    assert document["rtl"] is False
