"""Why a socket is closed: codes that clients may rely on (docs/live.md)."""

from enum import IntEnum


class Close(IntEnum):
    RESTART = 1012  # come back at once
    BAD_FRAME = 4400
    SIGNED_OUT = 4401  # no session or ticket, or it is gone: don't come back with it
    FORBIDDEN = 4403
    NOT_FOUND = 4404
    TOO_SLOW = 4408
    OTHER_EPOCH = 4409  # what the client holds is no longer the document
    TOO_MANY = 4429


class Refusal(Exception):
    """The socket may not be opened, or not stay."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code
