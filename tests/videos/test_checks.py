from dataclasses import replace

import pytest

from videos.contracts import FPS
from videos.media import checks, heard
from videos.media.audio import Loudness
from videos.media.ffmpeg import Media, Stream
from videos.media.measure import Seen, Span

VIDEO = Stream(
    "video", "h264", "High", 1080, 1920, 30.0, 300, 10.0, "yuv420p",
    ("bt709", "bt709", "bt709", "tv"),
)  # fmt: skip
SOUND = Stream("audio", "aac", duration_s=10.0, sample_rate=48_000, channels=2)
SIZE = (1080, 1920)


def told(findings) -> list[tuple[str, str]]:
    return [(finding.level, finding.code) for finding in findings]


@pytest.mark.parametrize(
    ("said", "listened"),
    [
        ("five thousand six hundred thirty three dollars", "$5,633."),
        ("nineteen ninety", "1990"),
        ("a tonne in the eighties", "a ton in the 80s"),
        ("the nineteen eighties", "the 1980s"),
        ("doctor Marsh met missus Lee", "Dr. Marsh met Mrs. Lee."),
        ("in two thousand and five", "In 2005,"),
        ("twenty twenty five", "2025"),
        ("the twenty first century", "the 21st century"),
        ("two point five percent", "2.5%"),
        ("one point two million euros", "€1.2 million"),
        ("one hundred and five", "105"),
        ("a hundred thousand years", "100,000 years"),
        ("ten", "10"),
        ("half a metre of colour, organised", "Half a meter of color, organized."),
        ("It’s the farmers’ rope", "its the farmers rope"),
        ("seaweed every day", "Sea weed everyday"),
        ("a half-built boat", "a half built boat"),
        ("first, second, third and fifth", "1st, 2nd, 3rd, and 5th."),
        ("three four five", "3 4 5"),
    ],
)
def test_what_was_understood_counts_as_understood(said, listened):
    assert heard.compare(said, listened).errors == 0


@pytest.mark.parametrize(
    ("said", "listened", "errors"),
    [
        ("kelp grows fast", "", 3),
        ("kelp grows fast", "help grows fast", 1),
        ("kelp grows fast", "kelp fast", 1),
        ("kelp grows fast", "kelp grows so fast", 1),
        ("one or two", "one and two", 1),
        ("fifty", "fifteen", 1),
        ("seven hundred", "700 million", 1),
        ("", "thank you", 2),
    ],
)
def test_what_was_misheard_is_counted(said, listened, errors):
    assert heard.compare(said, listened).errors == errors


def test_a_rate_without_words_is_all_or_nothing():
    assert heard.compare("", "").rate == 0
    assert heard.compare("", "thanks").rate == 1


@pytest.mark.parametrize(
    ("errors", "words", "expected"),
    [
        (0, 20, []),
        (1, 4, []),  # one odd name
        (2, 20, []),
        (3, 20, [("warning", "words")]),
        (3, 8, [("warning", "words")]),  # too few to be sure
        (5, 3, [("warning", "words")]),  # a listener guesses at so few
        (5, 20, [("warning", "words")]),
        (10, 20, [("warning", "words")]),
        (11, 20, [("fail", "words")]),
        (12, 12, [("fail", "words")]),
    ],
)
def test_misheard_words_warn_and_then_fail(errors, words, expected):
    assert told(checks.scene_words(heard.Misheard(errors, words), "…")) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Seen((), ()), []),
        (Seen((Span(0, 0.5),), ()), []),
        (Seen((Span(1, 1.6),), ()), [("fail", "black")]),
        (Seen((), (Span(0, 4.0),)), []),
        (Seen((), (Span(2, 7.0),)), [("warning", "frozen")]),
    ],
)
def test_black_fails_and_standing_still_warns(seen, expected):
    assert told(checks.scene_seen(seen)) == expected


@pytest.mark.parametrize(
    ("silences", "expected"),
    [
        ([], []),
        ([Span(0, 1.5)], []),
        ([Span(2, 3.6)], [("warning", "silence")]),
        ([Span(0, 9.95)], [("fail", "silent")]),
    ],
)
def test_a_pause_warns_and_a_silent_scene_fails(silences, expected):
    assert told(checks.scene_silence(silences, 10.0)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"width": 540}, [("fail", "wrong_size")]),
        ({"fps": 25.0}, [("fail", "wrong_rate")]),
        ({"frames": 299}, [("fail", "wrong_length")]),
    ],
)
def test_a_segment_must_have_its_size_rate_and_frames(change, expected):
    assert told(checks.scene_picture(replace(VIDEO, **change), SIZE, 300)) == expected


def test_a_segment_without_a_picture_fails():
    assert told(checks.scene_picture(None, SIZE, 300)) == [("fail", "no_picture")]


@pytest.mark.parametrize(
    ("lufs", "peak", "expected"),
    [
        (-14.0, -1.0, []),
        (-15.0, -1.6, []),
        (-15.1, -3.0, [("fail", "loudness")]),
        (-12.9, -1.0, [("fail", "loudness")]),
        (-14.0, -0.9, [("fail", "true_peak")]),
        (-70.0, -120.0, [("fail", "silent")]),
    ],
)
def test_loudness_has_its_limits(lufs, peak, expected):
    assert told(checks.whole_loudness(Loudness(lufs, 3.0, peak))) == expected


@pytest.mark.parametrize(
    ("video", "sound", "expected"),
    [
        (VIDEO, SOUND, []),
        (VIDEO, None, [("fail", "streams")]),
        (replace(VIDEO, codec="hevc"), SOUND, [("fail", "format")]),
        (replace(VIDEO, profile="Main"), SOUND, [("fail", "format")]),
        (replace(VIDEO, fps=29.97), SOUND, [("fail", "format")]),
        (replace(VIDEO, colours=("bt470bg", "bt709", "bt709", "tv")), SOUND, [("fail", "colours")]),
        (VIDEO, replace(SOUND, sample_rate=44_100), [("fail", "sound_format")]),
    ],
)
def test_the_container_must_be_what_players_and_youtube_take(video, sound, expected):
    media = Media("mov", 10.0, tuple(stream for stream in (video, sound) if stream))
    assert told(checks.whole_container(media, SIZE, fast=True, whole=True)) == expected


def test_a_cut_off_or_slow_file_fails():
    media = Media("mov", 10.0, (VIDEO, SOUND))
    found = checks.whole_container(media, SIZE, fast=False, whole=False)
    assert told(found) == [("fail", "cut_off"), ("fail", "slow_start")]


@pytest.mark.parametrize(
    ("video_s", "sound_s", "expected"),
    [
        (10.0, 10.0, []),
        (10.0, 10.04, []),
        (10.04, 10.0, []),
        (10.0, 10.06, [("fail", "sync")]),
        (9.9, 9.9, [("fail", "length")]),
    ],
)
def test_picture_and_sound_last_as_long_as_the_narration(video_s, sound_s, expected):
    streams = (replace(VIDEO, duration_s=video_s), replace(SOUND, duration_s=sound_s))
    assert told(checks.whole_length(Media("mov", 10.0, streams), 10 * FPS)) == expected


def cue(start: float, end: float, text: str = "kelp grows", **changes):
    word = {"text": text, "start_s": start, "end_s": end, **changes}
    return {"start_s": start, "end_s": end, "words": [word]}


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        ([], []),
        ([cue(0, 1), cue(1, 2)], []),
        ([cue(0, 1.2), cue(1, 2)], [("fail", "captions_overlap")]),
        ([cue(1, 2), cue(0, 1)], [("fail", "captions_overlap")]),
        ([cue(9.5, 10.2)], [("fail", "captions_order")]),
        ([cue(1, 2, start_s=1.8, end_s=1.2)], [("fail", "captions_order")]),
        ([cue(1, 1.1)], [("fail", "captions_short")]),
        ([cue(1, 2, text="x" * 20)], []),
        ([cue(1, 2, text="x" * 21)], [("warning", "captions_fast")]),
    ],
)
def test_captions_keep_order_and_can_be_read(cues, expected):
    assert told(checks.scene_captions(cues, 10.0)) == expected


def test_one_odd_scene_does_not_fail_a_video_but_a_quarter_of_its_words_does():
    assert told(checks.whole_words(heard.Misheard(20, 100))) == []
    assert told(checks.whole_words(heard.Misheard(4, 15))) == []  # two odd words in two scenes
    assert told(checks.whole_words(heard.Misheard(26, 100))) == [("fail", "words")]
