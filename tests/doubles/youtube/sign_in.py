"""Google's OAuth: the page that asks, codes, tokens, revocation.

Sources: developers.google.com/identity/protocols/oauth2/web-server, and its page on granular
consent.
A refresh token comes with the first consent of an account to a client, and later only with
`prompt=consent`; of an account and client one hundred live, the oldest is dropped silently; with a
consent screen in testing they die after seven days.
"""

import base64
import hashlib
import html
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.doubles.youtube.talk import Answer, Asked
from tests.doubles.youtube.world import Channel, World, made_id

CLIENT_ID = "416237008899-double.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-double"
CODE_LIFE_S = 600
TESTING_LIFE_S = 604_800
MOST_LIVE = 100
SCOPES = {
    "https://www.googleapis.com/auth/youtube": "Manage your YouTube account",
    "https://www.googleapis.com/auth/youtube.upload": "Manage your YouTube videos",
    "https://www.googleapis.com/auth/youtube.readonly": "View your YouTube account",
    "https://www.googleapis.com/auth/youtube.force-ssl": "See, edit, and permanently delete your "
    "YouTube videos, ratings, comments and captions",
    "https://www.googleapis.com/auth/yt-analytics.readonly": "View YouTube Analytics reports for "
    "your YouTube content",
    "https://www.googleapis.com/auth/yt-analytics-monetary.readonly": "View monetary and "
    "non-monetary YouTube Analytics reports for your YouTube content",
    "openid": "Associate you with your personal info on Google",
    "https://www.googleapis.com/auth/userinfo.email": "See your primary Google Account email",
}
KNOWN = {
    "client_id", "redirect_uri", "response_type", "scope", "access_type", "state", "prompt",
    "include_granted_scopes", "code_challenge", "code_challenge_method", "login_hint", "hl",
    "enable_granular_consent",
}  # fmt: skip
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}
label{{display:block;padding:.3rem 0}}button{{font:inherit;padding:.5rem 1.2rem;margin-right:1rem}}
</style><h1>{title}</h1>{body}</html>"""


@dataclass
class Grant:
    """What an account, acting for one of its channels or none, allowed a client."""

    account: str
    channel: Channel | None
    client: str
    scopes: set[str] = field(default_factory=set)
    refresh: dict[str, float] = field(default_factory=dict)  # token -> when it dies; 0: never


@dataclass
class Code:
    grant: Grant
    scopes: set[str]
    redirect_uri: str
    challenge: str
    method: str
    is_offline: bool
    gives_refresh: bool
    dies_at: float


@dataclass
class Token:
    grant: Grant
    scopes: set[str]
    dies_at: float


def page(title: str, body: str, status: int = 200) -> Answer:
    text = PAGE.format(title=html.escape(title), body=body)
    return Answer(text.encode(), "text/html; charset=utf-8", status)


def _wrong(asked: Asked, what: str, status: int = 400) -> Answer:
    asked.note.setdefault("violations", []).append(what)
    return page(
        f"Error {status}: {what}", "<p>Access blocked: this request is invalid.</p>", status
    )


def authorize(asked: Asked, world: World) -> Answer:
    """The page with the choice of an account and channel, or where its form leads."""
    wrong = _wrong_order(asked, world)
    if wrong:
        return _wrong(asked, wrong)
    if asked.method == "POST":
        return _decided(asked, world)
    if asked.value("prompt") == "none":
        return _back(asked, error="interaction_required")
    return page("Choose an account", _form(asked, world))


def _wrong_order(asked: Asked, world: World) -> str:
    unknown = set(asked.query) - KNOWN
    if unknown:
        return f"invalid_request: unknown parameter {sorted(unknown)[0]}"
    for name in ("client_id", "redirect_uri", "response_type", "scope"):
        if not asked.value(name):
            return f"invalid_request: missing required parameter: {name}"
    if asked.value("client_id") != CLIENT_ID:
        return "invalid_client: the OAuth client was not found"
    if world.redirects and asked.value("redirect_uri") not in world.redirects:
        return "redirect_uri_mismatch"
    if asked.value("response_type") != "code":
        return "unsupported_response_type"
    strange = set(asked.value("scope").split()) - set(SCOPES)
    return f"invalid_scope: {sorted(strange)[0]}" if strange else ""


def _form(asked: Asked, world: World) -> str:
    chosen = asked.value("login_hint")
    rows = []
    for account in world.accounts.values():
        is_chosen = "checked" if account.email == chosen else ""
        owns = [(one.id, one.title) for one in account.channels] or [
            (f"account:{account.email}", "no YouTube channel")
        ]
        rows += [
            f'<label><input type="radio" name="channel" value="{html.escape(key)}" required '
            f"{is_chosen}> {html.escape(title)} <small>{html.escape(account.email)}</small></label>"
            for key, title in owns
        ]
    scopes = [
        f'<label><input type="checkbox" name="scope" value="{html.escape(one)}" checked> '
        f"{html.escape(SCOPES[one])}</label>"
        for one in asked.value("scope").split()
    ]
    return (
        '<form method="post"><p>to continue to your studio (a stand-in for Google)</p>'
        f"{''.join(rows)}<h2>It wants to</h2>{''.join(scopes)}"
        '<p><button name="decision" value="allow">Continue</button>'
        '<button name="decision" value="deny" formnovalidate>Cancel</button></p></form>'
    )


def _decided(asked: Asked, world: World) -> Answer:
    told: dict[str, list[str]] = {}
    for name, value in parse_qsl(asked.raw.decode(), keep_blank_values=True):
        told.setdefault(name, []).append(value)
    if told.get("decision") != ["allow"]:
        return _back(asked, error="access_denied")
    wanted = set(asked.value("scope").split())
    key = told.get("channel", [""])[0]
    channel = world.channels.get(key)
    email = channel.account if channel else key.removeprefix("account:")
    if email not in world.accounts:
        return _wrong(asked, "invalid_request: no such account")
    with world.turn:
        grant, is_first = grant_of(world, email, channel)
        # each scope can be unticked on its own: what is not ticked is not granted
        given = wanted & set(told.get("scope", []))
        if not given:
            return _back(asked, error="access_denied")
        # a consent to fewer scopes than before takes none back
        code = made_id(40, "code", world.number(), key)
        is_all = asked.value("include_granted_scopes") == "true"
        scopes = given | grant.scopes if is_all else given
        grant.scopes |= given
        world.codes[f"4/0A{code}"] = Code(
            grant,
            scopes,
            asked.value("redirect_uri"),
            asked.value("code_challenge"),
            asked.value("code_challenge_method", "plain"),
            asked.value("access_type") == "offline",
            is_first or "consent" in asked.value("prompt").split(),
            world.now() + CODE_LIFE_S,
        )
    return _back(asked, code=f"4/0A{code}", scope=" ".join(sorted(scopes)))


def grant_of(world: World, email: str, channel: Channel | None) -> tuple[Grant, bool]:
    key = channel.id if channel else email
    is_first = key not in world.grants
    return world.grants.setdefault(key, Grant(email, channel, CLIENT_ID)), is_first


def _back(asked: Asked, **told: str) -> Answer:
    state = {"state": asked.value("state")} if "state" in asked.query else {}
    joint = "&" if "?" in asked.value("redirect_uri") else "?"
    place = f"{asked.value('redirect_uri')}{joint}{urlencode({**state, **told})}"
    return Answer(b"", "text/html", 302, {"Location": place})


def _error(status: int, error: str, about: str) -> Answer:
    content = {"error": error, "error_description": about}
    return Answer(json.dumps(content).encode(), status=status)


def token(asked: Asked, world: World) -> Answer:
    told = dict(parse_qsl(asked.raw.decode()))
    asked.note["grant_type"] = told.get("grant_type", "")
    if asked.fault and asked.fault.how == "invalid_grant":
        return _error(400, "invalid_grant", "Token has been expired or revoked.")
    if told.get("client_id") != CLIENT_ID:
        return _error(401, "invalid_client", "The OAuth client was not found.")
    if told.get("client_secret") != CLIENT_SECRET:
        return _error(401, "invalid_client", "Unauthorized")
    with world.turn:
        if told.get("grant_type") == "authorization_code":
            return _of_code(told, world)
        if told.get("grant_type") == "refresh_token":
            return _of_refresh(told, world)
    return _error(400, "unsupported_grant_type", f"Invalid grant_type: {told.get('grant_type')}")


def _of_code(told: dict[str, str], world: World) -> Answer:
    code: Code | None = world.codes.pop(told.get("code", ""), None)
    if code is None or code.dies_at < world.now():
        return _error(400, "invalid_grant", "Malformed auth code.")
    if code.redirect_uri != told.get("redirect_uri"):
        return _error(400, "redirect_uri_mismatch", "Bad Request")
    if wrong := _unproved(code, told):
        return _error(400, "invalid_grant", wrong)
    more: dict[str, Any] = {}
    if code.is_offline and code.gives_refresh:
        dies_at = world.now() + TESTING_LIFE_S if world.consent == "testing" else 0
        name = f"1//0{made_id(40, 'refresh', world.number())}"
        code.grant.refresh[name] = dies_at
        while len(code.grant.refresh) > MOST_LIVE:
            del code.grant.refresh[next(iter(code.grant.refresh))]
        more["refresh_token"] = name
        if dies_at:
            more["refresh_token_expires_in"] = TESTING_LIFE_S - 1
    return issued(world, code.grant, code.scopes, more)


def _unproved(code: Code, told: dict[str, str]) -> str:
    """What is wrong with the proof that who asked for the code now takes it."""
    if not code.challenge:
        return ""
    if "code_verifier" not in told:
        return "Missing code verifier."
    is_good = _challenge(told["code_verifier"], code.method) == code.challenge
    return "" if is_good else "Invalid code verifier."


def _challenge(verifier: str, method: str) -> str:
    if method != "S256":
        return verifier
    raw = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _of_refresh(told: dict[str, str], world: World) -> Answer:
    name = told.get("refresh_token", "")
    grant = next((one for one in world.grants.values() if name in one.refresh), None)
    dies_at = grant.refresh[name] if grant else 0
    if grant is None or (dies_at and dies_at < world.now()):
        return _error(400, "invalid_grant", "Token has been expired or revoked.")
    if world.accounts[grant.account].state == "closed":
        return _error(400, "invalid_grant", "Account has been deleted")
    return issued(world, grant, grant.scopes, {})


def issued(world: World, grant: Grant, scopes: set[str], more: dict[str, Any]) -> Answer:
    name = f"ya29.{made_id(60, 'access', world.number())}"
    world.tokens[name] = Token(grant, set(scopes), world.now() + world.token_life_s)
    content = {
        "access_token": name,
        "expires_in": int(world.token_life_s),
        "scope": " ".join(sorted(scopes)),
        "token_type": "Bearer",
        **more,
    }
    return Answer(json.dumps(content).encode())


def revoke(asked: Asked, world: World) -> Answer:
    """Of any token of a grant: the whole of it is gone."""
    told = {**dict(parse_qsl(asked.raw.decode())), **{k: v[0] for k, v in asked.query.items()}}
    name = told.get("token", "")
    with world.turn:
        token = world.tokens.get(name)
        grant = token.grant if token else None
        grant = grant or next((g for g in world.grants.values() if name in g.refresh), None)
        if grant is None:
            return _error(400, "invalid_token", "Token expired or revoked")
        end(world, grant)
    return Answer(b"{}")


def end(world: World, grant: Grant) -> None:
    grant.refresh.clear()
    grant.scopes.clear()
    world.grants = {key: one for key, one in world.grants.items() if one is not grant}
    world.tokens = {key: one for key, one in world.tokens.items() if one.grant is not grant}
