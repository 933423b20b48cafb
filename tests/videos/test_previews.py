"""A look is drawn before it is saved: really in its colours, and for nobody's hostile wishes."""

import io

import pytest
from django.core.cache import cache
from PIL import Image

from channels_app.actions import change_brand_kit
from tests.channels_app.test_channels import stored
from videos import previews

LOOK = {
    "format": "landscape",
    "card": "title",
    "name": "Kelp",
    "ink": "#102030",
    "paper": "#fafafa",
    "accent": "#ffb224",
    "second": "#33d69f",
    "glow": "#102030",
    "font": "Inter",
}
ADDRESS = "/brand-kits/preview.jpg"


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


def drawn(answer) -> Image.Image:
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "image/jpeg"
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def near(one, other, slack: int = 40) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(one, other, strict=True))


def share(picture: Image.Image, colour) -> float:
    small = picture.resize((160, 90))
    pixels = [small.getpixel((x, y)) for x in range(160) for y in range(90)]
    return sum(near(pixel, colour) for pixel in pixels) / len(pixels)


@pytest.mark.media
def test_the_picture_shows_the_asked_for_colours(browser, ana):
    picture = drawn(browser(ana).get(ADDRESS, LOOK))
    assert picture.size == (960, 540)
    assert share(picture, (16, 32, 48)) > 0.5
    assert share(picture, (255, 178, 36)) > 0.005
    other = drawn(browser(ana).get(ADDRESS, {**LOOK, "ink": "#f6f1e7", "paper": "#111111"}))
    assert share(other, (16, 32, 48)) < 0.1


@pytest.mark.media
@pytest.mark.parametrize(
    ("shape", "size"), [("short", (432, 768)), ("landscape", (960, 540)), ("square", (540, 540))]
)
def test_every_format_and_card_is_drawn(browser, vic, shape, size):
    for card in previews.CARDS:
        answer = browser(vic).get(ADDRESS, {**LOOK, "format": shape, "card": card})
        assert drawn(answer).size == size


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ink", "red"),
        ("ink", ""),
        ("ink", "#10203"),
        ("paper", "url(http://elsewhere)"),
        ("glow", "#10203040"),
        ("font", "../../etc/passwd"),
        ("font", "Comic Kelp"),
        ("name", "x" * 61),
        ("name", "a\0b"),
        ("format", "cinema"),
        ("card", "__import__"),
        ("logo", "0" * 64),
        ("logo", "../../secret_key"),
        ("logo", "A" * 64),
    ],
)
def test_hostile_wishes_are_refused(browser, ana, field, value):
    answer = browser(ana).get(ADDRESS, {**LOOK, field: value})
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")


def test_a_logo_of_strangers_is_not_drawn(browser, ana, others, tmp_path):
    theirs = stored(others, tmp_path, "image/png")
    assert browser(ana).get(ADDRESS, {**LOOK, "logo": theirs}).status_code == 400


def test_who_is_signed_out_draws_nothing(browser, db):
    assert browser(None).get(ADDRESS, LOOK).status_code == 302


def test_one_picture_is_drawn_at_a_time_for_a_person(browser, ana):
    cache.add(f"drawing:{ana.pk}", True, 20)
    answer = browser(ana).get(ADDRESS, LOOK)
    assert answer.status_code == 429


@pytest.mark.media
def test_what_was_drawn_once_is_not_drawn_again(browser, ana):
    first = browser(ana).get(ADDRESS, LOOK)
    cache.add(f"drawing:{ana.pk}", True, 20)
    assert browser(ana).get(ADDRESS, {**LOOK, "ink": "102030"}).content == first.content


@pytest.mark.media
def test_letters_that_nothing_can_draw_are_said(browser, ana):
    answer = browser(ana).get(ADDRESS, {**LOOK, "name": "\U00016fe4\U00017000"})
    assert answer.status_code == 409
    assert "font" in answer.content.decode()


@pytest.mark.media
def test_a_logo_that_was_stored_raw_is_served_clean_or_not_at_all(
    browser, ana, cho, by_ana, channel, tmp_path
):
    sha256 = stored(channel.team, tmp_path, "image/png")
    change_brand_kit(by=by_ana, kit=channel.brand_kit, look={"logo_sha256": sha256})
    address = f"/brand-kits/{channel.brand_kit_id}/logo.png"
    assert browser(ana).get(address).status_code == 404
    assert browser(cho).get(address).status_code == 404
