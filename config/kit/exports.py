"""Tables that are downloaded: streamed as CSV, and harmless in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.http import StreamingHttpResponse

Cell = str | int | Decimal
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What a csv.writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    """Numbers go out as they are, texts as `harmless` leaves them."""
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield "\ufeff"  # tells spreadsheets that this is UTF-8
        yield writer.writerow(head)
        for row in rows:
            yield writer.writerow(
                [harmless(value) if isinstance(value, str) else value for value in row]
            )

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def harmless(value: str) -> str:
    """A spreadsheet runs what begins like a formula (owasp.org, CSV injection)."""
    return f"'{value}" if value.startswith(FORMULA) else value
