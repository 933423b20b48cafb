"""Finds words again in a text that has changed around them."""

LONGEST = 20_000  # characters of a text in which words are sought; no scene has as many


def find_words(text: str, quote: str, before: str = "", after: str = "") -> int | None:
    """Where the quote stands, by what stands around it; None: nowhere, or at several places alike.

    A text quote selector as in W3C's Web Annotation. Where there is no quote (words to be put in)
    all of what stands around must be there.
    """
    if len(text) > LONGEST:
        return None
    places = [
        (_around(text, place, len(quote), before, after), place)
        for place in range(len(text) - len(quote) + 1)
        if text.startswith(quote, place)
    ]
    if not quote:
        places = [one for one in places if one[0] == len(before) + len(after)]
    places.sort(reverse=True)
    if not places or (len(places) > 1 and places[0][0] == places[1][0]):
        return None
    return places[0][1]


def _around(text: str, place: int, length: int, before: str, after: str) -> int:
    """How many characters on both sides are as they were."""
    behind = text[place + length :]
    matched = 0
    while matched < len(before) and text[:place].endswith(before[-matched - 1 :]):
        matched += 1
    following = 0
    while following < len(after) and behind.startswith(after[: following + 1]):
        following += 1
    return matched + following
