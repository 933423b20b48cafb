"""Charts from what the source holds: a table's column of figures, or a list of label and figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from videos.writing import figures
from videos.writing.cleaning import cleaned
from videos.writing.documents import Entry, Table
from videos.writing.figures import Figure
from videos.writing.visuals import MAX_BARS, MAX_POINTS, Chart

FEWEST = 3
_UNIT_IN_HEADER = re.compile(r"[(\[]([^()\[\]]{1,24})[)\]]\s*$")
_LABELLED = re.compile(r"\s*([^:–—]{1,28}?)\s*(?::|\s[–—-])\s+(.+)")


@dataclass(frozen=True)
class Row:
    label: str
    figure: Figure
    cell: str


def from_table(table: Table, language: str, title: str = "") -> Chart | None:
    """The first column of names against the first column of comparable figures."""
    width = min((len(row) for row in table.rows), default=0)
    if len(table.rows) < FEWEST or width < 2:
        return None
    columns = [[cleaned(row[place]) for row in table.rows] for place in range(width)]
    heads = [cleaned(head) for head in table.header] + [""] * width
    for place in range(1, width):
        rows = _rows(columns[0], columns[place], language)
        if len(rows) >= max(FEWEST, round(len(table.rows) * 0.7)):
            named = cleaned(table.caption) or heads[place] or title
            return from_rows(rows, named, is_in_time(rows) or _is_scale(rows, language))
    return None


def from_items(entries: Sequence[Entry], language: str, title: str = "") -> Chart | None:
    """ "Norway: 42 %" and two more of the kind."""
    pairs = [match.groups() for entry in entries if (match := _LABELLED.fullmatch(entry.text))]
    if len(pairs) < max(FEWEST, len(entries)):
        return None
    rows = _rows([label for label, _ in pairs], [cell.rstrip(".") for _, cell in pairs], language)
    return from_rows(rows, title, is_in_time(rows)) if len(rows) == len(pairs) else None


def _rows(labels: Sequence[str], cells: Sequence[str], language: str) -> list[Row]:
    """Rows whose cell is one figure and little more, all of one unit; [] if units differ."""
    rows: list[Row] = []
    for label, cell in zip(labels, cells, strict=True):
        found = figures.find(cell, language)
        if len(found) != 1 or not 0 < len(label) <= 28:
            continue
        figure = found[0]
        rest = (cell[: figure.start] + cell[figure.end :]).strip(" .~≈+")
        if len(rest) <= 12 and len(cell) <= 24:
            rows.append(Row(label, _signed(figure, cell), cell))
    units = {(row.figure.prefix.strip(), row.figure.suffix.strip()) for row in rows}
    distinct = len({row.label.casefold() for row in rows}) == len(rows)
    return rows if len(units) == 1 and distinct else []


def _signed(figure: Figure, cell: str) -> Figure:
    minus = cell[: figure.start].rstrip().endswith(("-", "−")) or cell.startswith(("-", "−"))
    return replace(figure, amount=-figure.amount) if minus else figure


def from_rows(rows: list[Row], title: str, is_line: bool) -> Chart | None:
    if len({row.figure.amount for row in rows}) < 2:
        return None
    line = is_line and len(rows) >= 4
    if line and len(rows) > MAX_POINTS:
        return None
    if not line and len(rows) > MAX_BARS:
        rows = sorted(rows, key=lambda row: -row.figure.amount)[:MAX_BARS]
    amounts = [row.figure.amount for row in rows]
    unit = _UNIT_IN_HEADER.search(title)
    return Chart(
        kind="line" if line else "bar",
        title=_UNIT_IN_HEADER.sub("", title).strip()[:80],
        labels=tuple(row.label for row in rows),
        values=tuple(amounts),
        shown=tuple(row.cell for row in rows),
        unit=unit[1] if unit else "",
        prefix=rows[0].figure.prefix[:8],
        suffix=rows[0].figure.suffix[:16],
        highlight=len(rows) - 1 if line else amounts.index(max(amounts)),
    )


def is_in_time(rows: list[Row]) -> bool:
    """Labels that are years at equal distances: a line would bend the others."""
    years = [float(row.label) for row in rows if re.fullmatch(r"[12]\d{3}", row.label)]
    return len(years) == len(rows) and _is_even(years)


def _is_scale(rows: list[Row], language: str) -> bool:
    """Labels that are themselves figures in equal steps: 10 m, 20 m, 30 m."""
    found = [figures.find(row.label, language) for row in rows]
    if any(len(one) != 1 for one in found):
        return False
    return _is_even([one[0].amount for one in found]) and len({one[0].suffix for one in found}) == 1


def _is_even(steps: list[float]) -> bool:
    widths = {round(after - before, 6) for before, after in pairwise(steps)}
    return len(widths) == 1 and min(widths) > 0
