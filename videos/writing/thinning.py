"""A book is no article: of a very long text, parts from all over are read."""

from __future__ import annotations

import math
from dataclasses import replace

from videos.writing.documents import Block, Document, Listing, Paragraph, Quotation, Section

MOST = 300_000  # characters; about 4,000 sentences, which take some three seconds
LONGEST_BLOCK = 20_000
RUN = 4  # neighbours that stay together, so that what leans keeps its support


def thinned(document: Document) -> tuple[Document, float]:
    """The document, and which share of its text is left."""
    sections = [
        replace(one, blocks=[_short(block) for block in one.blocks]) for one in document.sections
    ]
    whole = max(1, sum(_size(block) for one in document.sections for block in one.blocks))
    rest = sum(_size(block) for one in sections for block in one.blocks)
    if rest > MOST:
        sections = [
            replace(one, blocks=_spread(one.blocks, MOST / rest)) for one in _some(sections)
        ]
    kept = _within(sections)
    left = sum(_size(block) for one in kept for block in one.blocks)
    return replace(document, sections=kept), left / whole


def _size(block: Block) -> int:
    if isinstance(block, Paragraph | Quotation):
        return len(block.text)
    return sum(len(item.text) for item in block.items) if isinstance(block, Listing) else 0


def _short(block: Block) -> Block:
    if isinstance(block, Paragraph) and len(block.text) > LONGEST_BLOCK:
        return replace(block, text=block.text[:LONGEST_BLOCK])
    return block


def _some(sections: list[Section]) -> list[Section]:
    """Two hundred sections are more than any video tells."""
    step = max(1.0, len(sections) / 200)
    return [sections[int(at * step)] for at in range(math.ceil(len(sections) / step))]


def _spread(blocks: list[Block], share: float) -> list[Block]:
    """Runs of neighbours from all over, the first ones always."""
    runs = max(1, math.floor(len(blocks) * share) // RUN)
    if runs * RUN >= len(blocks):
        return blocks
    step = len(blocks) / runs
    return [block for at in range(runs) for block in blocks[int(at * step) :][:RUN]]


def _within(sections: list[Section]) -> list[Section]:
    """Cuts off what is still too much, from the end."""
    kept: list[Section] = []
    used = 0
    for section in sections:
        blocks: list[Block] = []
        for block in section.blocks:
            used += _size(block)
            if used <= MOST or not used:
                blocks.append(block)
        if blocks or section.heading:
            kept.append(replace(section, blocks=blocks))
    return kept
