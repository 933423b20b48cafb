"""LexRank (Erkan and Radev, 2004): a sentence matters when many others resemble it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_TERMS = 4_000  # columns of the matrix: 1,500 sentences x 4,000 terms are 24 MB
DAMPING = 0.85
_ROUNDS = 60

Matrix = NDArray[np.float32]


def weights(documents: Sequence[Sequence[str]]) -> Matrix:
    """TF-IDF rows of length one. Terms in one sentence only can't connect and get no column."""
    spread = Counter(term for terms in documents for term in set(terms))
    shared = [(count, term) for term, count in spread.items() if count > 1]
    kept = sorted(shared, key=lambda pair: (-pair[0], pair[1]))[:MOST_TERMS]
    column = {term: place for place, (_, term) in enumerate(kept)}
    rows: Matrix = np.zeros((len(documents), max(1, len(column))), dtype=np.float32)
    for row, terms in enumerate(documents):
        for term, count in Counter(terms).items():
            if term in column:
                rare = math.log((1 + len(documents)) / (1 + spread[term])) + 1
                rows[row, column[term]] = (1 + math.log(count)) * rare
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def likeness(rows: Matrix) -> Matrix:
    """Cosines of all pairs."""
    return rows @ rows.T


def rank(alike: Matrix) -> list[float]:
    """The share of attention each sentence gets; the mean is 1. Rounded, so that ties are ties."""
    count = len(alike)
    if count == 0:
        return []
    totals = alike.sum(axis=1, keepdims=True)
    steps = (alike / np.where(totals == 0, 1, totals)).T
    lost = np.asarray(totals == 0, dtype=np.float32).ravel()  # rows like no other, not even itself
    shares: Matrix = np.full(count, 1 / count, dtype=np.float32)
    for _ in range(_ROUNDS):
        kept = steps @ shares + (lost @ shares) / count
        fresh: Matrix = np.asarray((1 - DAMPING) / count + DAMPING * kept, dtype=np.float32)
        moved = float(np.abs(fresh - shares).sum())
        shares = fresh
        if moved < 1e-6:
            break
    return [round(float(share) * count, 4) for share in shares]
