"""When words are spoken: as the vendor tells it, as the sound has it, and never out of order."""

import json

import numpy as np
import pytest

from config.kit.errors import Rejected
from tests.doubles.ai import sound as doubles
from videos import routing
from videos.contracts import Word
from videos.media import answers, timing, waves
from videos.providers.character_times import spans
from videos.providers.saying import joined
from videos.writing.spoken import spoken_words

RATE = 24_000
TEXT = "In 1990, divers counted 1,500 otters. Kelp grows fast, and nobody waters it."
WORDS = spoken_words(TEXT, "en")
pytestmark = pytest.mark.media


def never() -> bool:
    return False


def said(voice: str, words, tmp_path):
    """As the narration has it said, without its money."""
    found = routing.made("voice", voice)
    params = {"language": "en", "speed": 1.0}
    reply = tmp_path / "reply"
    found.ask(
        words, params=params, request="", into=reply, stopping=never, beat=lambda fraction: None
    )
    return found.read(reply, words, into=tmp_path / "said.wav")


def true_starts(text, places, voice: str) -> np.ndarray:
    """When the stand-in's own speech begins each word."""
    return np.array(doubles.speech(text, voice).starts)[list(places)]


def test_elevenlabs_times_become_the_words_people_read(accounts, tmp_path):
    voice = "21m00Tcm4TlvDq8ikWAM"
    found = said(f"elevenlabs:{voice}", WORDS, tmp_path)
    text = joined(WORDS)
    starts = np.array([start for start, _ in found.times]) / found.sample_rate
    assert "nineteen ninety" in text.text
    assert len(found.times) == len(WORDS) == len(TEXT.split())
    assert np.abs(starts - true_starts(text.text, text.places, voice)).max() < 0.01


def test_words_of_openai_are_found_in_the_sound(accounts, tmp_path):
    found = said("openai:alloy", WORDS, tmp_path)
    text = joined(WORDS)
    starts = np.array([start for start, _ in found.times]) / found.sample_rate
    assert np.abs(starts - true_starts(text.text, text.places, "alloy")).mean() < 0.12


@pytest.mark.parametrize("voice", ["openai:alloy", "elevenlabs:21m00Tcm4TlvDq8ikWAM"])
def test_what_is_asked_for_holds_no_more_than_what_is_said(accounts, ai, tmp_path, voice):
    said(voice, WORDS, tmp_path)
    body = ai.asked(ai.log()[0]["id"])
    assert joined(WORDS).text in json.dumps(body, ensure_ascii=False)
    assert "thousand five hundred" in joined(WORDS).text


def told(text: str, shift: float = 0.0) -> dict:
    places = np.arange(len(text)) / 10 + shift
    return {
        "characters": list(text),
        "character_start_times_seconds": list(places),
        "character_end_times_seconds": list(places + 0.1),
    }


def test_a_text_that_the_vendor_wrote_otherwise_is_laid_beside_ours():
    words = [Word("Kelp", "Kelp"), Word("grows", "grows,"), Word("fast.", "fast.")]
    found = spans(told("Kelp  grows, fast."), joined(words), words, np.zeros(RATE * 3), RATE)
    assert [start / RATE for start, _ in found] == pytest.approx([0.0, 0.6, 1.3])
    assert found[1][1] / RATE == pytest.approx(1.1)  # the comma may hold a pause


@pytest.mark.parametrize(
    "strange", [None, [], told("Something quite other, and longer."), told("")]
)
def test_where_the_vendor_tells_nothing_that_fits_the_sound_does(strange):
    noise = np.random.default_rng(1).normal(0, 0.1, RATE * 2)
    words = [Word("Kelp", "Kelp"), Word("grows.", "grows.")]
    found = spans(strange, joined(words), words, noise, RATE)
    assert found == timing.spans(noise, RATE, words)


def burst(seconds: float) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 0.2, round(seconds * RATE))


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE))


def words_of(text: str) -> list[Word]:
    return [Word(word, word) for word in text.split()]


def test_a_sentence_begins_after_the_pause():
    sound = np.concatenate((quiet(0.3), burst(1.0), quiet(0.4), burst(0.8)))
    found = timing.spans(sound, RATE, words_of("Kelp grows. Otters guard it."))
    starts = [start / RATE for start, _ in found]
    assert starts[0] == pytest.approx(0.3, abs=0.02)
    assert starts[2] == pytest.approx(1.7, abs=0.02)
    assert [end for _, end in found][1] / RATE == pytest.approx(1.3, abs=0.02)


@pytest.mark.parametrize("text", ["Kelp", "a b", "Kelp grows half a metre a day. Otters guard it."])
@pytest.mark.parametrize("pieces", [1, 2, 5, 9])
def test_every_word_has_a_time_and_they_are_in_order(text, pieces):
    sound = np.concatenate([part for _ in range(pieces) for part in (burst(0.3), quiet(0.2))])
    found = timing.spans(sound, RATE, words_of(text))
    edges = [edge for span in found for edge in span]
    assert len(found) == len(text.split())
    assert edges == sorted(edges)
    assert edges[-1] <= len(sound)


def test_silence_has_no_words_in_it():
    assert timing.spans(quiet(1.0), RATE, words_of("Kelp grows.")) == ((0, 0), (0, 0))


@pytest.mark.parametrize("form", ["mp3", "wav", "flac", "opus"])
def test_any_form_of_sound_becomes_a_wave_file(tmp_path, form):
    speech = doubles.speech("Kelp grows fast.", "alloy")
    into = tmp_path / "said.wav"
    answers.decoded(doubles.encoded(speech, form), into)
    sound, rate = waves.read(into)
    assert len(sound) / rate == pytest.approx(speech.seconds, abs=0.1)


@pytest.mark.parametrize("raw", [b"", b"<html>", b"ID3 and no more", b"RIFF\x00\x10\x00\x00WAVE"])
def test_what_is_no_sound_is_refused(tmp_path, raw):
    with pytest.raises(Rejected):
        answers.decoded(raw, tmp_path / "said.wav")


def test_a_stream_that_did_not_know_its_length_is_whole(tmp_path):
    raw = doubles.encoded(doubles.speech("Kelp grows fast.", "alloy"), "wav")
    endless = (0xFFFF_FFFF).to_bytes(4, "little")
    answers.decoded(raw[:4] + endless + raw[8:40] + endless + raw[44:], tmp_path / "said.wav")
    sound, _ = waves.read(tmp_path / "said.wav")
    assert len(sound) * 2 == len(raw) - 44


def test_half_a_wave_file_is_refused(tmp_path):
    raw = doubles.encoded(doubles.speech("Kelp grows fast.", "alloy"), "wav")
    with pytest.raises(Rejected, match="breaks off"):
        answers.decoded(raw[: len(raw) // 2], tmp_path / "said.wav")
