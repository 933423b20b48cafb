"""Every script is drawn with letters of its own, or refused with the package to install."""

import pytest

from config.kit.errors import Rejected
from videos.media import fonts

pytestmark = pytest.mark.media


@pytest.mark.parametrize(
    ("text", "font"),
    [
        ("Zürich", "InterDisplay-ExtraBold"),
        ("Москва Ελλάς", "InterDisplay-ExtraBold"),
        ("مرحبا", "NotoSansArabic-Bold"),
        ("שלום", "NotoSansHebrew-Bold"),
        ("नमस्ते", "NotoSansDevanagari-Bold"),
        ("สวัสดี", "NotoSansThai-Bold"),
        ("ქართული", "NotoSansGeorgian-Bold"),
        ("日本", "NotoSansCJK-Bold"),
        ("한국", "NotoSansCJK-Bold"),
        ("🎉", "NotoColorEmoji"),
    ],
)
def test_a_script_gets_its_font(text, font):
    found = fonts.families(text, 800, display=True, language="", font="Inter")
    assert found[-1].startswith(font) or found == [f"{font}:0"]
    assert fonts.missing_glyphs(text) == []


@pytest.mark.parametrize(("language", "index"), [("ja", 0), ("ko", 1), ("zh", 2), ("zh-tw", 3)])
def test_han_letters_follow_the_language(language, index):
    found = fonts.families("直", 800, display=True, language=language, font="Inter")
    assert found[-1] == f"NotoSansCJK-Bold:{index}"


@pytest.mark.parametrize(
    ("family", "is_there"), [("Inter", True), ("Comic Kelp", False), ("../..", False), ("", False)]
)
def test_a_brand_can_use_what_is_installed(family, is_there):
    assert fonts.is_installed(family) is is_there


def test_a_missing_font_is_named_with_its_package(monkeypatch, tmp_path):
    _only(monkeypatch, tmp_path, ["fonts-inter"])
    with pytest.raises(Rejected, match="Install fonts-noto-cjk"):
        fonts.check(["日本"], language="ja")
    with pytest.raises(Rejected, match=r"Arabic letters .* Install fonts-noto-core"):
        fonts.check(["مرحبا"], language="ar")


def test_a_machine_without_inter_is_told_so(monkeypatch, tmp_path):
    _only(monkeypatch, tmp_path, [])
    with pytest.raises(Rejected, match="Install fonts-inter"):
        fonts.check(["plain"])


def test_emoji_without_a_font_are_left_out_and_not_refused(monkeypatch, tmp_path):
    _only(monkeypatch, tmp_path, ["fonts-inter"])
    fonts.check(["Party 🎉 time"])
    assert fonts.drawable("Party 🎉 time") == "Party time"


def test_an_unknown_brand_font_falls_back_to_inter():
    found = fonts.families("abc", 800, display=True, language="", font="No Such Font")
    assert found == ["InterDisplay-ExtraBold:0"]


def _only(monkeypatch, folder, packages):
    """A machine with no other fonts: an empty folder, or one with Inter."""
    if "fonts-inter" in packages:
        (folder / "inter").symlink_to("/usr/share/fonts/opentype/inter")
        folder = folder / "inter"
    monkeypatch.setattr(fonts, "FOLDERS", (folder,))
    fonts.forget()


@pytest.fixture(autouse=True)
def _fresh_fonts():
    fonts.forget()
    yield
    fonts.forget()
