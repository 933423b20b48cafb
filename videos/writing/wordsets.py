"""Sets of words, written as one writes words."""


def wordset(words: str) -> frozenset[str]:
    return frozenset(words.split())
