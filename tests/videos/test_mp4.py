import struct

import pytest

from videos.media import mp4


def atom(kind: str, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind.encode()) + body


def long_atom(kind: str, body: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind.encode(), 16 + len(body)) + body


WHOLE = atom("ftyp", b"isom") + atom("moov", b"x" * 40) + atom("mdat", b"y" * 90)
LATE = atom("ftyp", b"isom") + atom("mdat", b"y" * 90) + atom("moov", b"x" * 40)
HUGE = atom("ftyp") + atom("moov") + long_atom("mdat", b"y" * 90)
OPEN_END = atom("ftyp") + atom("moov") + struct.pack(">I4s", 0, b"mdat") + b"y" * 90


@pytest.mark.parametrize(
    ("content", "whole", "fast"),
    [
        (WHOLE, True, True),
        (LATE, True, False),
        (HUGE, True, True),
        (OPEN_END, True, True),
        (WHOLE[:-1], False, False),
        (LATE[:60], False, False),
        (WHOLE + b"\0\0\0\x02junk", False, True),
        (b"", False, False),
        (b"RIFF....AVI ", False, False),
    ],
)
def test_what_the_atoms_tell(tmp_path, content, whole, fast):
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    assert (mp4.is_whole(path), mp4.starts_fast(path)) == (whole, fast)


def test_atoms_come_with_their_places(tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(WHOLE)
    assert mp4.atoms(path) == [
        mp4.Atom("ftyp", 0, 12),
        mp4.Atom("moov", 12, 48),
        mp4.Atom("mdat", 60, 98),
    ]
