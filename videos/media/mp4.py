"""The top-level atoms of an MP4 file: is it whole, and can it play while it loads?"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Atom:
    kind: str
    offset: int
    size: int


def atoms(path: Path) -> list[Atom]:
    """In file order. An atom that reaches over the end of the file, or is none, ends the list."""
    found: list[Atom] = []
    total = path.stat().st_size
    with path.open("rb") as file:
        offset = 0
        while offset + 8 <= total:
            file.seek(offset)
            size, kind = struct.unpack(">I4s", file.read(8))
            if size == 1:
                size = int.from_bytes(file.read(8), "big")
            elif size == 0:  # by the standard: up to the end of the file
                size = total - offset
            if size < 8 or offset + size > total:
                break
            found.append(Atom(kind.decode("latin-1"), offset, size))
            offset += size
    return found


def is_whole(path: Path) -> bool:
    """Nothing is cut off: the index and the data are there, and the atoms fill the file."""
    found = atoms(path)
    kinds = {atom.kind for atom in found}
    end = found[-1].offset + found[-1].size if found else 0
    return {"moov", "mdat"} <= kinds and end == path.stat().st_size


def starts_fast(path: Path) -> bool:
    """The index lies before the data, so that a browser plays without the whole file."""
    kinds = [atom.kind for atom in atoms(path)]
    return "moov" in kinds and "mdat" in kinds and kinds.index("moov") < kinds.index("mdat")
