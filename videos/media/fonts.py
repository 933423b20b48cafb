"""Which font files draw which characters: found by name in known folders, never by fontconfig.

Loading explicit files makes frames the same on every machine that has the same packages.
"""

from __future__ import annotations

import functools
import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import skia

from config.kit.errors import Rejected

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path(__file__).resolve().parents[2] / ".apt/usr/share/fonts",  # where platforms unpack Aptfile
    Path("/opt/homebrew/share/fonts"),
    Path("/Library/Fonts"),
    Path.home() / "Library/Fonts",
)
WEIGHTS = {500: "Medium", 600: "SemiBold", 700: "Bold", 800: "ExtraBold"}
CJK = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH"})
CJK_INDEX = {"ja": 0, "ko": 1, "zh": 2, "zh-hant": 3, "zh-tw": 3, "zh-hk": 4}
SCRIPT_FILES = {
    "CANADIAN": "NotoSansCanadianAboriginal",
    "OL": "NotoSansOlChiki",
    "TIBETAN": "NotoSerifTibetan",
}
SYMBOLS = ("NotoSans", "NotoSansSymbols", "NotoSansSymbols2", "NotoSansMath")
NOTO_FAMILIES = frozenset({"NotoSans", "NotoSerif"})  # the others are scripts, not looks
EMOJI = "NotoColorEmoji.ttf"
INTER = "Inter"
UNNAMED = "UNNAMED"  # Python knows no name for the character

_manager = skia.FontMgr.New_Custom_Empty()
_provider = skia.textlayout.TypefaceFontProvider()
_collection = skia.textlayout.FontCollection()
_collection.setDefaultFontManager(_provider)
_unicode = skia.Unicodes.ICU.Make()


def builder() -> skia.textlayout.ParagraphBuilder:
    return skia.textlayout.ParagraphBuilder(skia.textlayout.ParagraphStyle(), _collection, _unicode)


def families(text: str, weight: int, *, display: bool, language: str, font: str) -> list[str]:
    """The fonts for `text` in the order in which they are asked for a glyph."""
    found = list(_brand_faces(font, weight, display))
    for letter in sorted(set(text)):
        alias = _alias_for(letter, weight, display, language, font)
        if alias and alias not in found:
            found.append(alias)
    return found


def missing_glyphs(text: str, *, language: str = "", font: str = INTER) -> list[str]:
    """The characters for which no installed font has a glyph, each once, in code order."""
    return [
        letter
        for letter in sorted(set(text))
        if not _alias_for(letter, 700, True, language, font) and not _invisible(letter)
    ]


def drawable(text: str, *, language: str = "", font: str = INTER) -> str:
    """`text` without symbols that nothing can draw. Letters stay: `check` speaks about them."""
    missing = {
        letter
        for letter in missing_glyphs(text, language=language, font=font)
        if unicodedata.category(letter)[0] in "SCZ"
    }
    text = "".join(letter for letter in text if letter not in missing)
    return re.sub(r"\s+", " ", text).strip()


def check(texts: Iterable[str], *, language: str = "", font: str = INTER) -> None:
    """Raises Rejected, naming the Debian package, where letters could only be drawn as boxes."""
    if not _find("Inter-Bold.otf", "Inter-Bold.ttf"):
        raise Rejected("The font Inter is not installed. Install fonts-inter and try again.")
    together = "".join(drawable(text, language=language, font=font) for text in texts)
    missing = missing_glyphs(together, language=language, font=font)
    if missing:
        raise Rejected(_sentence(missing))


def _sentence(missing: list[str]) -> str:
    name, package = script(missing[0]), _package(missing[0])
    shown = " ".join(missing[:5])
    if name == UNNAMED or _script_faces(name, "", 700):
        return f"No installed font can draw {shown}. Remove or replace these characters."
    return (
        f"The text has {name.capitalize()} letters ({shown}) and no font for them is installed. "
        f"Install {package} (apt install {package}) and try again."
    )


def _package(letter: str) -> str:
    return "fonts-noto-cjk" if script(letter) in CJK else "fonts-noto-core"


def script(letter: str) -> str:
    """`ARABIC`, `CJK`, `LATIN` .. : the first word of the character's Unicode name."""
    return unicodedata.name(letter, UNNAMED).split()[0].split("-")[0]


def _invisible(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Me"}


@functools.lru_cache(maxsize=8192)
def _alias_for(letter: str, weight: int, display: bool, language: str, font: str) -> str:
    for alias in _candidates(letter, weight, display, language, font):
        if _typefaces[alias].unicharToGlyph(ord(letter)):
            return alias
    return ""


def _candidates(letter: str, weight: int, display: bool, language: str, font: str) -> Iterable[str]:
    yield from _brand_faces(font, weight, display)
    yield from _script_faces(script(letter), language, weight)
    for stem in SYMBOLS:
        yield from _load(*_noto_names(stem, weight))
    yield from _load(EMOJI)


@functools.lru_cache(maxsize=64)
def _brand_faces(font: str, weight: int, display: bool) -> tuple[str, ...]:
    """The brand's own font where it is installed, then Inter."""
    found: tuple[str, ...] = ()
    for family in dict.fromkeys((font, INTER)):
        found += _load(*_brand_names(family, weight, display))
    return found


def _brand_names(family: str, weight: int, display: bool) -> list[str]:
    plain = re.sub(r"[^A-Za-z0-9]", "", family)
    stems = (f"{plain}Display", plain) if display else (plain,)
    return [f"{stem}-{WEIGHTS[weight]}{end}" for stem in stems for end in (".otf", ".ttf")]


def is_installed(family: str) -> bool:
    """Whether a brand can use this family, in one weight at least."""
    return any(_find(*_brand_names(family, weight, True)) for weight in WEIGHTS)


def installed_families() -> list[str]:
    """What a brand can choose from, by name. `DejaVuSans-Bold.ttf` is written `Deja Vu Sans`."""
    stems = {
        stem.removesuffix("Display")
        for stem, _, style in (name.partition("-") for name in _installed())
        if Path(style).stem in WEIGHTS.values() and Path(style).suffix in (".otf", ".ttf")
    }
    named = {stem for stem in stems if not stem.startswith("Noto") or stem in NOTO_FAMILIES}
    return sorted(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem) for stem in named)


def _script_faces(script: str, language: str, weight: int) -> tuple[str, ...]:
    if script in CJK:
        index = CJK_INDEX.get(language, 1 if script == "HANGUL" else 2)
        if not language and script in {"HIRAGANA", "KATAKANA"}:
            index = 0
        return _load(*_noto_names("NotoSansCJK", weight, ".ttc"), index=index)
    stem = SCRIPT_FILES.get(script, f"NotoSans{script.capitalize()}")
    return _load(*_noto_names(stem, weight)) or _load(*_longer_names(stem))


def _noto_names(stem: str, weight: int, end: str = ".ttf") -> tuple[str, ...]:
    styles = ("Bold", "Regular") if weight >= 600 else ("Medium", "Regular", "Bold")
    return tuple(f"{stem}-{style}{end}" for style in styles)


def _longer_names(stem: str) -> tuple[str, ...]:
    """`EGYPTIAN` is drawn by NotoSansEgyptianHieroglyphs."""
    return tuple(sorted(n for n in _installed() if n.startswith(stem) and "-Regular." in n))


_typefaces: dict[str, skia.Typeface] = {}


@functools.lru_cache(maxsize=512)
def _load(*names: str, index: int = 0) -> tuple[str, ...]:
    """Register the first of these files that is installed; its alias, or nothing."""
    path = _find(*names)
    if not path:
        return ()
    alias = f"{path.stem}:{index}"
    if alias not in _typefaces:
        typeface = _manager.makeFromFile(str(path), index)
        if typeface is None:
            return ()
        _typefaces[alias] = typeface
        _provider.registerTypeface(typeface, alias)
    return (alias,)


def _find(*names: str) -> Path | None:
    installed = _installed()
    return next((installed[name] for name in names if name in installed), None)


@functools.lru_cache(maxsize=1)
def _installed() -> dict[str, Path]:
    """File name -> path; the first folder wins, and inside a folder the first in name order."""
    found: dict[str, Path] = {}
    for root in FOLDERS:
        for folder, below, names in os.walk(root):
            below.sort()
            for name in sorted(names):
                found.setdefault(name, Path(folder) / name)
    return found


def forget() -> None:
    """Look for fonts anew, for example after a package has been installed."""
    for remembered in (_alias_for, _brand_faces, _load, _installed):
        remembered.cache_clear()
