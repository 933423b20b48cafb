"""Real speech, by espeak-ng, and when each of its characters is spoken."""

import io
import re
import subprocess
import wave
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tests.doubles.ai import dice

RATE = 24_000
PAUSE_S = 0.25
WORDS_A_MINUTE = 165
SPEAKERS = ("en-us+m3", "en-us+f2", "en-gb+m1", "en-us+f4", "en-gb-x-rp+m7", "en-us+m5")
# relative time of a character: what is silent takes none of it
SPANS = {" ": 0.4, ",": 2, ";": 2, ":": 2, "-": 0.4, "'": 0.2, "’": 0.2}
SENTENCE = re.compile(r".+?(?:[.!?…]+(?=\s|$)\s*|$)", re.S)
ENCODERS = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"),
    "opus": ("-c:a", "libopus", "-b:a", "32k", "-f", "ogg"),
    "aac": ("-c:a", "aac", "-b:a", "64k", "-f", "adts"),
    "flac": ("-c:a", "flac", "-f", "flac"),
}
KINDS = {"mp3": "mpeg", "opus": "ogg", "aac": "aac", "flac": "flac", "wav": "wav", "pcm": "pcm"}


@dataclass(frozen=True)
class Speech:
    """`samples` are s16le, mono, at `rate`. `starts` and `ends` are seconds of each character."""

    samples: bytes
    rate: int
    starts: tuple[float, ...]
    ends: tuple[float, ...]

    @property
    def seconds(self) -> float:
        return round(len(self.samples) / 2 / self.rate, 3)


@lru_cache(maxsize=256)
def speech(text: str, voice: str, speed: float = 1, language: str = "", rate: int = RATE) -> Speech:
    """Sentences begin exactly where told; within one, time is shared out by characters."""
    speaker = language or dice.one_of(SPEAKERS, voice)
    sounds: list[np.ndarray] = []
    starts: list[float] = []
    ends: list[float] = []
    at = 0
    for sentence in [one[0] for one in SENTENCE.finditer(text)] or [text]:
        sound = _spoken(sentence.strip(), speaker, speed, rate)
        spans = np.array([SPANS.get(one, 0.4 if one.isspace() else 1) for one in sentence])
        edges = at + np.cumsum([0, *spans]) / max(spans.sum(), 1e-9) * len(sound)
        seconds = [round(float(one) / rate, 3) for one in edges]
        starts += seconds[:-1]
        ends += seconds[1:]
        sounds += [sound, np.zeros(int(PAUSE_S * rate), np.int16)]
        at += len(sound) + len(sounds[-1])
    return Speech(np.concatenate(sounds).tobytes(), rate, tuple(starts), tuple(ends))


def _spoken(text: str, speaker: str, speed: float, rate: int) -> np.ndarray:
    if not text:
        return np.zeros(0, np.int16)
    words = ["espeak-ng", "-v", speaker, "-s", str(round(WORDS_A_MINUTE * speed)), "--stdout"]
    made = subprocess.run([*words, "--stdin"], input=text.encode(), capture_output=True, check=True)
    with wave.open(io.BytesIO(made.stdout)) as sound:  # its header tells a length of 2 GB
        had = sound.getframerate()
        samples = np.frombuffer(made.stdout[44:], np.int16)
    wanted = round(len(samples) * rate / had)
    places = np.linspace(0, len(samples) - 1, wanted) if len(samples) else np.zeros(0)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.int16)


def encoded(said: Speech, form: str) -> bytes:
    """form: wav, pcm (as it is), mp3, opus, aac or flac."""
    if form == "pcm":
        return said.samples
    kept = io.BytesIO()
    with wave.open(kept, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(said.rate)
        out.writeframes(said.samples)
    if form == "wav":
        return kept.getvalue()
    words = ["ffmpeg", "-v", "error", "-i", "pipe:", "-map_metadata", "-1", "-fflags", "+bitexact"]
    done = subprocess.run(
        [*words, *ENCODERS[form], "pipe:"], input=kept.getvalue(), capture_output=True, check=True
    )
    return done.stdout
