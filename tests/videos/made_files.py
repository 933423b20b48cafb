"""Files as people upload them, and as people who mean harm do: all made here, by code."""

import io
import struct
import subprocess
import zlib
from pathlib import Path

from PIL import Image


def ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True)


def clip(path: Path, *, seconds: float = 2, size: str = "640x360", sound: bool = True) -> Path:
    picture = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds}"] if sound else []
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    ffmpeg(*picture, *tone, *coded, *(["-c:a", "aac"] if sound else []), str(path))
    return path


def tune(path: Path, *, seconds: float = 3) -> Path:
    ffmpeg("-f", "lavfi", "-i", f"sine=frequency=220:duration={seconds}", str(path))
    return path


def picture(path: Path, *, size: tuple[int, int] = (800, 600), exif: bytes = b"") -> Path:
    image = Image.effect_noise(size, 60).convert("RGB")
    image.save(path, "JPEG", **({"exif": exif} if exif else {}))
    return path


def where_it_was_taken() -> bytes:
    """EXIF with a place in it."""
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (54.0, 19.0, 5.0)
    exif[0x010F] = "SecretCam"
    return exif.tobytes()


def png_bomb(side: int = 30_000) -> bytes:
    """A picture of one colour whose file is small and whose pixels are not."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer, row = zlib.compressobj(9), b"\0" * (side // 8 + 1)
    packed = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def playlist(target: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n".encode()


def svg(side: int) -> bytes:
    shown = '<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>'
    page = f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
    return f"{page}{shown}</svg>".encode()


def mpd() -> bytes:
    return (
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        b"<Period><BaseURL>file:///etc/</BaseURL></Period></MPD>"
    )


def small_png() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(kept, "PNG")
    return kept.getvalue()
