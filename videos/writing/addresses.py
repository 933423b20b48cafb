"""Is a source the address of a page, and how is that address written?"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import quote, urlsplit, urlunsplit

LONGEST = 2_000
_ALONE = re.compile(r"https?://[^\s<>\"]+", re.I)
_KEPT = "%/:?#[]@!$&'()*+,;=~"


def is_address(source: str) -> bool:
    """One http(s) address and nothing else."""
    text = source[: LONGEST + 100].strip("\ufeff \t\r\n")
    return len(source) < LONGEST + 100 and bool(_ALONE.fullmatch(text))


def canonical(address: str) -> str:
    """In plain ASCII, without the fragment, which no server gets to see. What is no address stays
    as it is."""
    text = address.strip("\ufeff \t\r\n")
    with suppress(ValueError):  # a UnicodeError is one
        parts = urlsplit(text)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
        path = quote(parts.path or "/", safe=_KEPT)
        return urlunsplit(
            (parts.scheme.lower(), host.lower(), path, quote(parts.query, safe=_KEPT), "")
        )
    return text
