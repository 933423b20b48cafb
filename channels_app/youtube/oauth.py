"""Google's sign-in by OAuth 2: where a person is sent, and what codes and tokens are changed for.

Sources: developers.google.com/identity/protocols/oauth2/web-server and RFC 7636 (PKCE). Only the
answer `invalid_grant` means that a permission has ended; whatever else goes wrong may pass.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from channels_app.youtube.answers import Said, retry_after_s
from channels_app.youtube.line import Line, NoAnswer
from config.kit.errors import AccountFault, Unavailable

_PLACE = "https://www.googleapis.com/auth/"
READ, UPLOAD, EDIT = (f"{_PLACE}youtube.{name}" for name in ("readonly", "upload", "force-ssl"))
NEEDED = (READ, UPLOAD)  # without one of these nothing can be published
WANTED = (*NEEDED, EDIT)
ALLOWS: Mapping[str, str] = {
    READ: "see the channel and its videos",
    UPLOAD: "upload videos and their thumbnails",
    EDIT: "add captions, fill playlists and change videos",
}
ANSWER_S = 20.0
OF_THE_PROJECT = ("invalid_client", "unauthorized_client", "redirect_uri_mismatch")
T = TypeVar("T")


@dataclass(frozen=True)
class Places:
    """Addresses of Google's three doors."""

    consent: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    revoke: str = "https://oauth2.googleapis.com/revoke"

    @classmethod
    def at(cls, base: str) -> Places:
        """Google's own where no other base is named."""
        return cls(f"{base}/o/oauth2/v2/auth", f"{base}/token", f"{base}/revoke") if base else cls()


@dataclass(frozen=True)
class Project:
    """What Google knows this installation by."""

    client_id: str
    client_secret: str = field(repr=False)
    back: str  # the address that Google leads back to, as the project names it


@dataclass(frozen=True)
class Granted:
    """Of one channel. The scopes are those that were allowed, not those that were asked for."""

    access: str = field(repr=False)
    expires_s: float
    scopes: tuple[str, ...]
    refresh: str = field(
        default="", repr=False
    )  # empty: none came, which takes no earlier one back


class Ended(Exception):
    """Google says invalid_grant: the permission was taken back or has run out, or the code was
    used."""


class Door:
    """Asks Google's sign-in. Each call has a connection of its own."""

    def __init__(self, project: Project, places: Places, answer_s: float = ANSWER_S) -> None:
        self._project, self._places, self._answer_s = project, places, answer_s

    def consent(self, state: str, verifier: str, scopes: Collection[str] = WANTED) -> str:
        """The address of the page that asks for these scopes, beside those of before. With
        `prompt=consent` a refresh token comes each time, not the first time alone."""
        with closing(Line(self._answer_s)) as line:
            url, _ = self._client(line).create_authorization_url(
                self._places.consent,
                state=state,
                code_verifier=verifier,
                scope=" ".join(scopes),
                access_type="offline",
                prompt="consent",
                include_granted_scopes="true",
            )
        return str(url)

    def redeem(self, code: str, verifier: str) -> Granted:
        """What a code is worth. Raises Ended, Unavailable, AccountFault."""
        return self._asked(
            lambda client: client.fetch_token(
                self._places.token,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
            )
        )

    def refresh(self, token: str) -> Granted:
        """A new access token. Raises Ended, Unavailable, AccountFault."""
        return self._asked(
            lambda client: client.refresh_token(self._places.token, refresh_token=token)
        )

    def _asked(self, ask: Callable[[OAuth2Client], Mapping[str, Any]]) -> Granted:
        with closing(Line(self._answer_s)) as line:
            try:
                return _granted(ask(self._client(line)))
            except OAuth2Error as error:
                raise _meaning(str(error.error)) from None
            except (ValueError, TypeError):  # neither a token nor an error that can be read
                raise Unavailable("Google's answer can't be read.") from None

    def _client(self, line: Line) -> OAuth2Client:
        return OAuth2Client(
            _Wire(line),
            client_id=self._project.client_id,
            client_secret=self._project.client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a way
            redirect_uri=self._project.back,
            code_challenge_method="S256",
        )


def revoke(token: str, places: Places, answer_s: float = ANSWER_S) -> None:
    """The whole permission that a token stands for ends; one that has ended already is no fault.
    Raises Unavailable."""
    with closing(Line(answer_s)) as line:
        reply = _Wire(line).post(places.revoke, {"token": token})
    if reply.status_code != 200 and "invalid_token" not in reply.text:
        reply.raise_for_status()


def new_verifier() -> str:
    return str(generate_token(64))


@dataclass(frozen=True)
class _Reply:
    """An answer as authlib reads it."""

    said: Said

    @property
    def status_code(self) -> int:
        return self.said.status

    @property
    def text(self) -> str:
        return self.said.body.decode(errors="replace")

    def json(self) -> Any:
        try:
            return json.loads(self.said.body)
        except RecursionError:
            raise ValueError("nested too deep") from None

    def raise_for_status(self) -> None:
        if self.said.status >= 400:
            raise Unavailable(
                f"Google's sign-in has trouble ({self.said.status}).",
                retry_after_s=retry_after_s(self.said.headers),
            )


class _Wire:
    """The session that authlib asks by: a Line, whose whole answer has a deadline."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def post(
        self, url: str, data: Mapping[str, str], headers: Any = None, auth: Any = None
    ) -> _Reply:
        heads, body = dict(headers or {}), urlencode(data)
        if auth is not None:
            url, heads, body = auth.prepare("POST", url, heads, body)
        raw = body.encode()
        heads["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            said = self._line.ask("POST", url, {**heads, "Content-Length": str(len(raw))}, raw)
        except NoAnswer:
            raise Unavailable("Google's sign-in does not answer.") from None
        return _Reply(said)


def _granted(told: Mapping[str, Any]) -> Granted:
    """Raises ValueError where there is no token."""
    access, scopes = told.get("access_token"), told.get("scope")
    expires_s = float(told.get("expires_in") or 0)
    if not isinstance(access, str) or not access or not math.isfinite(expires_s):
        raise ValueError("no token")
    refresh = told.get("refresh_token")
    return Granted(
        access,
        max(0.0, min(expires_s, 86_400.0)),
        tuple(sorted(scopes.split())) if isinstance(scopes, str) else (),
        refresh if isinstance(refresh, str) else "",
    )


def _meaning(error: str) -> Exception:
    if error == "invalid_grant":
        return Ended()
    if error in OF_THE_PROJECT:
        return AccountFault(
            f"Google does not take this studio's project ({error}): an operator checks its client "
            "ID, its secret and the address that Google leads back to."
        )
    return Unavailable(f"Google's sign-in refuses for now ({error[:60]}).")
