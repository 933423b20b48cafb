"""Orders for the tests of the writer."""

from pathlib import Path

from videos.contracts import Brand, Order, Script
from videos.writing.extract import extract

SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
TEXTS = Path(__file__).parent / "texts"


def order(source, *, seconds=60, kind="auto", language="", title="", pictures=None):
    return Order(
        title=title,
        source=source,
        source_kind=kind,
        format="short",
        seconds=seconds,
        language=language,
        voice="",
        music="none",
        brand=Brand(),
        pictures=pictures or {},
    )


def assembled(source, **asked) -> Script:
    return extract(order(source, **asked))


def sample(name: str) -> str:
    folder = SAMPLES if (SAMPLES / name).exists() else TEXTS
    return (folder / name).read_text(encoding="utf-8")


def templates(script: Script) -> list[str]:
    return [scene.visual["template"] for scene in script.scenes]


def spoken(script: Script) -> str:
    return " ".join(scene.narration for scene in script.scenes)
