"""Counts that any process raises and any other can tell: rows, for workers serve no web page."""

import json
from collections.abc import Iterator

from django.db.models import F

from config.kit.database import verb
from config.kit.models import Tally

LONGEST = 60  # characters of one label


@verb
def add(name: str, *labels: str, n: int = 1) -> None:
    """`n` more. Labels are words of ours and names of providers, never what a person wrote."""
    key = json.dumps([label[:LONGEST] for label in labels])
    if not Tally.objects.filter(name=name, labels=key).update(count=F("count") + n):
        Tally.objects.create(name=name, labels=key, count=n)


def counted(name: str) -> Iterator[tuple[list[str], int]]:
    """(labels, count) of each."""
    for labels, count in Tally.objects.filter(name=name).values_list("labels", "count"):
        yield json.loads(labels), count
