"""Pictures from strangers: what is fine comes out clean, what is not is refused in a sentence."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from config.kit.errors import Rejected
from videos.media import pictures

pytestmark = pytest.mark.media


def prepared(tmp_path, data: bytes, *, form="short", name="kelp.png", logo=False) -> Image.Image:
    source, target = tmp_path / "upload", tmp_path / ("out.png" if logo else "out.jpg")
    source.write_bytes(data)
    pictures.prepare(source, target, form=form, name=name, stop=lambda: False, logo=logo)
    return Image.open(target)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A few bytes that claim to be a huge picture, as a decompression bomb does."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 4096, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
PLAYLIST = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png_of_size(20_000, 20_000), r"20,000 x 20,000 pixels.*4000 pixels wide"),
        (png_of_size(20_000, 900), r"20,000 x 900 pixels"),
        (png_of_size(3, 3), "only 3 x 3 pixels"),
        (SVG, "is an? SVG file.*PNG, JPEG, WebP or GIF"),
        (PLAYLIST, "not a picture that can be used.*PNG"),
        (b"", "not a picture"),
        (b"BM" + b"\0" * 99, "BMP file"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC file"),
        (png_of_size(800, 800), "damaged or cut off"),
    ],
)
def test_a_hostile_or_broken_picture_is_refused_with_what_to_do(tmp_path, data, sentence):
    with pytest.raises(Rejected) as refusal:
        prepared(tmp_path, data)
    assert refusal.match(sentence)
    assert "kelp.png" in refusal.value.message
    assert not (tmp_path / "out.jpg").exists()


def test_a_truncated_photograph_is_refused(tmp_path):
    data = encoded(Image.effect_noise((800, 600), 90).convert("RGB"), "JPEG")
    with pytest.raises(Rejected, match="damaged or cut off"):
        prepared(tmp_path, data[: len(data) // 3])


def test_a_picture_that_lies_about_its_kind_is_read_as_what_it_is(tmp_path):
    data = encoded(Image.new("RGB", (700, 500), "teal"), "WEBP")
    assert prepared(tmp_path, data, name="lie.png").format == "JPEG"


def test_place_and_camera_are_not_passed_on(tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 0.0)}
    data = encoded(Image.new("RGB", (700, 500), "teal"), "JPEG", exif=exif, comment=b"SecretNote")
    assert b"Secret" in data
    made = prepared(tmp_path, data)
    assert not made.getexif()
    assert b"Secret" not in (tmp_path / "out.jpg").read_bytes()


def test_a_picture_taken_sideways_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.new("RGB", (700, 500)), "JPEG", exif=exif)
    assert prepared(tmp_path, data).size == (500, 700)


def test_a_large_picture_is_kept_no_larger_than_the_page_can_show(tmp_path):
    data = encoded(Image.new("RGB", (6000, 4000), "teal"), "JPEG")
    assert prepared(tmp_path, data, form="landscape").size == (2496, 1664)


def test_clear_grounds_become_white_paper_and_logos_keep_them(tmp_path):
    data = encoded(Image.new("RGBA", (700, 500), (0, 0, 0, 0)), "PNG")
    assert prepared(tmp_path, data).getpixel((5, 5)) == (255, 255, 255)
    logo = prepared(tmp_path, data, logo=True)
    assert (logo.mode, max(logo.size)) == ("RGBA", 512)


def test_a_moving_gif_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    red, _, blue = prepared(tmp_path, data).getpixel((9, 9))
    assert red > 200 > blue


@pytest.mark.parametrize("mode", ["L", "LA", "P", "I;16", "CMYK", "1"])
def test_every_colour_mode_becomes_rgb(tmp_path, mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert prepared(tmp_path, encoded(Image.new(mode, (300, 200)), kind)).mode == "RGB"


def test_a_broken_colour_profile_is_ignored(tmp_path):
    data = encoded(Image.new("RGB", (300, 200), "teal"), "JPEG", icc_profile=b"nonsense" * 20)
    assert prepared(tmp_path, data).size == (300, 200)


def test_a_colour_profile_is_applied_and_not_passed_on(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(Image.new("RGB", (300, 200), "teal"), "JPEG", icc_profile=profile)
    assert "icc_profile" not in prepared(tmp_path, data).info
