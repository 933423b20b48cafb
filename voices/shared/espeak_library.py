# SPDX-License-Identifier: GPL-3.0-or-later
"""libespeak-ng through ctypes: languages, phonemes, and speech with the place of each word."""

from __future__ import annotations

import _ctypes
import ctypes
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader

SYNCHRONOUS, DONT_EXIT = 2, 0x8000
UTF8, END_PAUSE = 1, 0x1000
IPA, TIE = 0x02, 0x80
JOINED = 0x361  # the tie of t͡ʃ, put between letters that make one sound
EVENT_END, EVENT_WORD = 0, 1
RATE_PARAMETER, NORMAL_RATE = 1, 160


class _Voice(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("unused", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    ]


class _Event(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_int),
        ("unique", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Spoken:
    """s16le mono at `rate`, and (letter of the text, sample) where each word begins."""

    pcm: bytes
    words: list[tuple[int, int]]


class Espeak:
    def __init__(self) -> None:
        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._lib.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.c_int,
            ctypes.c_int,
        ]
        self._lib.espeak_Info.restype = ctypes.c_char_p
        self._lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        self._lib.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        self._folder = Path(espeakng_loader.get_data_path())
        folder = str(self._folder).encode()
        self.rate = self._lib.espeak_Initialize(SYNCHRONOUS, 0, folder, DONT_EXIT)
        if self.rate <= 0:
            raise OSError("libespeak-ng does not find its data")
        self.release = self._lib.espeak_Info(None).decode().split()[0]
        self._callback = _CALLBACK(self._take)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._voices = self._identifiers()
        self._pcm = bytearray()
        self._words: list[tuple[int, int]] = []

    def close(self) -> None:
        """Unloads the library: what it said before changes its noise, so a text gets a new one."""
        self._lib.espeak_Terminate()
        _ctypes.dlclose(self._lib._handle)

    def languages(self) -> list[str]:
        """All tags that it has a dictionary for, such as `de`, `fr-be`."""
        return sorted(tag for tag in self._voices if self._has_words(tag) and self.use(tag))

    def _has_words(self, tag: str) -> bool:
        """Some voices come without their dictionary and would spell everything."""
        rules = (self._folder / "lang" / self._voices[tag]).read_text(errors="replace")
        named = re.search(r"^dictionary\s+(\S+)", rules, re.MULTILINE)
        first = re.search(r"^language\s+(\w+)", rules, re.MULTILINE)
        names = [found[1] for found in (named, first) if found]
        return any((self._folder / f"{name}_dict").exists() for name in names)

    def use(self, language: str) -> bool:
        """False if it has no such language; another one is never taken instead."""
        wanted = language.lower()
        identifier = self._voices.get(wanted) or self._voices.get(wanted.split("-")[0])
        if identifier is None:
            return False
        return self._lib.espeak_SetVoiceByName(identifier.encode()) == 0

    def phonemes(self, text: str) -> str:
        """IPA in the language in use; a tie joins the letters of one sound; clauses by spaces."""
        buffer = ctypes.create_string_buffer(text.encode())
        place = ctypes.c_void_p(ctypes.addressof(buffer))
        out = []
        while place.value:
            mode = IPA | TIE | JOINED << 8
            out.append(self._lib.espeak_TextToPhonemes(ctypes.byref(place), UTF8, mode).decode())
        return unicodedata.normalize("NFC", " ".join(part for part in out if part))

    def speak(self, text: str, speed: float) -> Spoken:
        self._pcm, self._words = bytearray(), []
        self._lib.espeak_SetParameter(RATE_PARAMETER, round(NORMAL_RATE * speed), 0)
        data = text.encode() + b"\0"
        done = self._lib.espeak_Synth(data, len(data), 0, 1, 0, UTF8 | END_PAUSE, None, None)
        if done != 0:
            raise OSError(f"libespeak-ng answers {done}")
        return Spoken(bytes(self._pcm), self._words)

    def _take(self, wave: object, count: int, events: object) -> int:
        at = 0
        while events[at].kind != EVENT_END:  # type: ignore[index]
            event = events[at]  # type: ignore[index]
            if event.kind == EVENT_WORD:
                self._words.append((event.text_position - 1, event.sample))
            at += 1
        if wave and count:
            self._pcm += ctypes.string_at(wave, count * 2)  # type: ignore[arg-type]
        return 0

    def _identifiers(self) -> dict[str, str]:
        """Tag -> the voice that says it first; a small priority is a better match."""
        best: dict[str, tuple[int, str]] = {}
        voices = self._lib.espeak_ListVoices(None)
        at = 0
        while voices[at]:
            voice = voices[at].contents
            for priority, tag in _languages(voice.languages):
                mine = (priority, voice.identifier.decode())
                best[tag] = min(mine, best.get(tag, mine))
            at += 1
        return {tag: identifier for tag, (_, identifier) in best.items()}


def _languages(address: int) -> Iterator[tuple[int, str]]:
    """A list of (priority byte, text ending in zero), ended by a priority of zero."""
    while priority := ctypes.string_at(address, 1)[0]:
        tag = ctypes.string_at(address + 1)
        yield priority, tag.decode()
        address += len(tag) + 2
