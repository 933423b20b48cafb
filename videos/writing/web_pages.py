"""A page as it came from the web to its main text. Runs as a program, in a confined child: the page
is a stranger's, and may be made to take for ever."""

from __future__ import annotations

import codecs
import json
import re
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import trafilatura
from charset_normalizer import from_bytes

from videos.writing.languages import find_language

LONGEST_FIELD = 300
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.I
)
_NEVER = {"utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode"}
_LICENCES = "//link[@rel='license']/@href | //a[contains(@rel, 'license')]/@href"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Read:
    """As `contracts.Page` has them."""

    text: str
    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    language: str = ""
    licence: str = ""


def decode(content: bytes, declared: str = "") -> str:
    """Servers are often wrong about their charset, and hardly anything is UTF-8 by chance."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace")
    said = _text_codec(declared)
    if said.startswith(("utf-16", "utf-32", "iso2022", "hz")):  # these pass for ASCII
        return content.decode(said, "replace")
    in_page = _DECLARED.search(content[:4096])
    told = _text_codec(in_page[1].decode("ascii", "replace")) if in_page else ""
    for name in ("utf-8", said, told):
        text = _decoded(content, name)
        if text is not None:
            return text
    guessed = from_bytes(content[:200_000]).best()
    return content.decode(guessed.encoding if guessed else "cp1252", "replace")


def _text_codec(name: str) -> str:
    """As Python calls it; "" for what is none, or none that a page may ask for."""
    try:
        found = codecs.lookup(name.strip("\"' ")).name if name else ""
    except (LookupError, ValueError):
        return ""
    if found in _NEVER:
        return ""
    return "cp1252" if found == "iso8859-1" else found  # as browsers read it


def _decoded(content: bytes, name: str) -> str | None:
    try:
        text = content.decode(name) if name else None
    except (UnicodeDecodeError, LookupError):  # a codec of bytes, such as base64, is no text's
        return None
    return text if isinstance(text, str) else None


def read(content: bytes, *, kind: str, charset: str, url: str) -> Read:
    text = decode(content, charset)
    if kind != "html":
        return Read(text, language=find_language([text]))
    tree = trafilatura.load_html(text)
    if tree is None:
        return Read("")
    licences = [str(found) for found in tree.xpath(_LICENCES)]
    known = trafilatura.extract_metadata(tree, default_url=url)
    main = trafilatura.extract(
        text,
        url=url,
        output_format="markdown",
        include_comments=False,
        include_links=False,
        include_images=False,
    )
    return Read(
        text=main or "",
        title=_line(known.title),
        author=_line(known.author),
        date=known.date if known.date and _DAY.fullmatch(known.date) else "",
        site=_line(known.sitename or known.hostname),
        language=find_language([main]) if main else "",
        licence=_line(known.license or next(iter(licences), "")),
    )


def _line(value: str | None) -> str:
    return " ".join((value or "").split())[:LONGEST_FIELD]


def main(spec: str) -> int:
    asked: dict[str, Any] = json.loads(Path(spec).read_text("utf-8"))
    content = Path(asked.pop("content")).read_bytes()
    sys.stdout.write(json.dumps(asdict(read(content, **asked))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
