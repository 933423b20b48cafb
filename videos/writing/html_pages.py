"""HTML to a document. The page is a stranger's: scripts, forms and menus never get through."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from config.kit.errors import Rejected
from videos.writing.documents import Document
from videos.writing.html_blocks import Gatherer
from videos.writing.wordsets import wordset

MAX_DEPTH = 400

_FORMATS = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
_FORMAT_TAG = re.compile(rf"<({_FORMATS})\s[^<>]*>", re.I)
_STRANGE_TAG = re.compile(
    r"<(/?)(?:select|svg|math|template|textarea|iframe|noframes|noembed|xmp|plaintext|noscript"
    r"|frameset|marquee|applet)\b",
    re.I,
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.I)
_LEAVES = wordset(
    "area base br col embed hr img input link meta source track wbr p li dt dd tr td th option"
    " thead tbody tfoot html head body rb rt rp rtc colgroup"
)


def read_html(source: str) -> Document:
    tree = LexborHTMLParser(_defused(source))
    gatherer = Gatherer()
    if tree.body is not None:
        _walk(tree.body, gatherer)
    title_tag = tree.css_first("title")
    named = " ".join(title_tag.text().split()) if title_tag is not None else ""
    return gatherer.finish(named)


def _defused(source: str) -> str:
    """Without what makes the tree explode; Rejected if it is nested beyond reason."""
    for opening, closing in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style")):
        source = _without(source, opening, closing)
    source = _STRANGE_TAG.sub(r"<\1x-gone", source)
    source = _FORMAT_TAG.sub(r"<\1>", source)  # equal tags are limited to three deep by the parser
    if _deepest(source) > MAX_DEPTH:
        raise Rejected(
            "The HTML is nested too deeply to be an article. Paste the article's text instead."
        )
    return source


def _without(source: str, opening: str, closing: str) -> str:
    lowered = source.lower() if source.isascii() else _ascii_lower(source)
    kept: list[str] = []
    here = 0
    while (start := lowered.find(opening, here)) >= 0:
        kept.append(source[here:start])
        end = lowered.find(closing, start)
        if end < 0:
            return "".join(kept)
        here = end if closing.startswith("</") else end + len(closing)
    return "".join([*kept, source[here:]])


def _ascii_lower(source: str) -> str:
    """Lower case that keeps every index: some letters grow when lowered."""
    return source.translate({ord("A") + step: ord("a") + step for step in range(26)})


def _deepest(source: str) -> int:
    """How deep the parser's stack will get, about: an end tag does not reach out of a table."""
    stack: list[str] = []
    deepest = 0
    for tag in _TAG.finditer(source):
        name = tag[2].lower()
        if name in _LEAVES:
            continue
        if not tag[1]:
            stack.append(name)
            deepest = max(deepest, len(stack))
            if deepest > MAX_DEPTH:
                break
            continue
        for place in range(len(stack) - 1, -1, -1):
            if stack[place] == name:
                del stack[place:]
                break
            if stack[place] == "table":
                break
    return deepest


def _walk(root: LexborNode, gatherer: Gatherer) -> None:
    """Depth first without recursion; a dropped element's inside is not entered."""
    node: LexborNode | None = root
    while node is not None:
        if gatherer.enter(node):
            if node.child is not None:
                node = node.child
                continue
            gatherer.leave(node)
        while node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:  # == would compare their whole HTML
                return
            gatherer.leave(node)
        node = node.next
