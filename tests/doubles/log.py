"""What a stand-in was asked and what it did: one line of JSON a request, in the file before its
answer is sent. Only `answered` is set later, in its place: the whole answer is handed to a
connection that the client has not given up."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NO, YES = b"false", b"true "
BODIES = 1_000  # requests whose bodies are remembered


@dataclass
class Note:
    line: dict[str, Any]
    place: int  # in the file, of `answered`
    era: int


@dataclass
class Log:
    path: Path
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _notes: list[Note] = field(default_factory=list)
    _bodies: dict[int, bytes] = field(default_factory=dict)
    _end: int = 0
    era: int = 0  # one more at each reset: what was begun before it is not noted after it

    def __post_init__(self) -> None:
        flags = os.O_CREAT | os.O_TRUNC | os.O_RDWR
        self._file = os.open(self.path, flags, 0o644)

    def note(self, line: Mapping[str, Any], body: bytes, era: int) -> Note:
        """When it returns the line is in the file."""
        whole = {**line, "answered": False}
        raw = json.dumps(whole, ensure_ascii=False).encode() + b"\n"
        with self._turn:
            note = Note(whole, self._end + len(raw) - len(NO) - len(b"}\n"), era)
            if era == self.era:
                os.pwrite(self._file, raw, self._end)
                self._end += len(raw)
                self._notes.append(note)
                self._bodies[whole["id"]] = body
                self._bodies.pop(whole["id"] - BODIES, None)
        return note

    def answered(self, note: Note, is_so: bool = True) -> None:
        with self._turn:
            if note.era == self.era:
                note.line["answered"] = is_so
                os.pwrite(self._file, YES if is_so else NO, note.place)

    def forget(self) -> None:
        with self._turn:
            self.era += 1
            self._notes.clear()
            self._bodies.clear()
            os.ftruncate(self._file, 0)
            self._end = 0

    def lines(self) -> list[dict[str, Any]]:
        with self._turn:
            return [dict(note.line) for note in self._notes]

    def body(self, number: int) -> bytes | None:
        with self._turn:
            return self._bodies.get(number)
