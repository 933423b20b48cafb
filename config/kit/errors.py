"""The ways in which our code says no; everything else is a bug and flies."""

from collections.abc import Sequence
from dataclasses import dataclass


class Refused(Exception):
    """A rule of ours says no. The message is one sentence for the person."""

    code = "refused"
    status = 409  # what doors answer over HTTP

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code


class Stale(Refused):
    """The change was made to an older version of the row."""

    code = "stale"
    status = 412


@dataclass(frozen=True)
class Spend:
    """What one call to a provider used: `quantity` of `unit`. The price book says what that costs
    where the vendor did not say it itself: `amount_micros` of `currency`."""

    provider: str
    unit: str
    quantity: float
    amount_micros: int | None = None
    currency: str = "USD"
    model: str = ""


class ProviderError(Exception):
    """A provider could not answer; `spent` is what the attempt has cost all the same."""

    def __init__(self, message: str, *, spent: Sequence[Spend] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.spent = tuple(spent)


class Unavailable(ProviderError):
    """Try again later: the fault is not in what was asked."""

    def __init__(
        self, message: str, *, retry_after_s: float = 0, spent: Sequence[Spend] = ()
    ) -> None:
        super().__init__(message, spent=spent)
        self.retry_after_s = retry_after_s


class VendorTrouble(Unavailable):
    """The fault is the vendor's: after several of them it is left alone for a while."""


class Busy(Unavailable):
    """Asked to wait: nothing is wrong, and waiting is no attempt."""


class Rejected(ProviderError):
    """Never again with the same input: the message tells the person what to change."""


class AccountFault(ProviderError):
    """The account at a vendor must be mended first: its key, its credit, its models. Nothing is
    wrong with what was asked, and nothing comes of asking again before."""


class OutcomeUnknown(Exception):
    """A paid request went out and no answer came back: it may have been served and billed.

    Neither Unavailable nor Rejected, which both know what the attempt has cost.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unanswered(OutcomeUnknown):
    """The same where the fault is the vendor's, or of who stands before it: it counts towards
    leaving it alone for a while."""


class Stopped(Exception):
    """The work was told to stop (cancel, shutdown, lost lease); nothing is wrong with it."""
