"""What a guest's browser holds in place of a link's secret: signed, and good for that link alone.

The secret is shown once, at the address of the link. Then a cookie that is sent to the guest's
own pages alone says who came by it; the page of the script gets another such pass, with which its
room is entered. Neither opens anything that the link does not, and both end with it.
"""

import secrets
from dataclasses import asdict, dataclass, replace

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

from collab import roles
from collab.roles import Guest

COOKIE = "guest"
ROOM_S = 86_400  # a page that is open longer is loaded anew before it comes into the room again
_PAGE, _ROOM = "collab.guest.page", "collab.guest.room"


@dataclass(frozen=True)
class Pass:
    link: int
    key: str  # tells those apart who came by one link
    name: str = ""  # as the guest gave it; empty: none yet

    @property
    def guest(self) -> Guest | None:
        """None: the link has ended."""
        return roles.guest_again(self.link, self.name, self.key)

    def named(self, name: str) -> "Pass":
        return replace(self, name=roles.printable(name))

    @property
    def for_pages(self) -> str:
        return _signer(_PAGE).sign_object(asdict(self))

    @property
    def for_room(self) -> str:
        """Of letters that a WebSocket's subprotocol may have."""
        return _signer(_ROOM).sign_object(asdict(self))


def begin(guest: Guest) -> Pass:
    """For who has just shown the secret."""
    return Pass(guest.link_id, secrets.token_hex(4))


def of_page(request: HttpRequest, link_id: int) -> Pass | None:
    """None: this browser has not opened that link."""
    found = _read(request.COOKIES.get(COOKIE, ""), _PAGE)
    return found if found and found.link == link_id else None


def of_room(told: str) -> Pass | None:
    return _read(told, _ROOM, ROOM_S)


def _read(told: str, use: str, most_s: int | None = None) -> Pass | None:
    try:
        return Pass(**_signer(use).unsign_object(told, max_age=most_s))
    except (BadSignature, ValueError, TypeError):  # also what another version has signed
        return None


def _signer(use: str) -> TimestampSigner:
    return TimestampSigner(salt=use, sep=".")
