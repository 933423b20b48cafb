"""Error reports to Sentry, or to what speaks its protocol, where SENTRY_DSN is set.

Bugs and lines of level ERROR go out, with the ids of their request or run. Bodies, cookies, local
variables and parameters stay here, and every string is scrubbed as log lines are.
"""

import socket
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.utils import BadDsn, Dsn

from config.kit import logs


def send_to(dsn: str, environment: str) -> None:
    """Raises SystemExit for a DSN that is none."""
    try:
        Dsn(dsn)
    except BadDsn as error:
        raise SystemExit(f"SENTRY_DSN can't be read: {error}.") from None
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        server_name=socket.gethostname(),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,  # lines of other requests of the same thread
        before_send=before_send,
        integrations=[DjangoIntegration(middleware_spans=False, signals_spans=False)],
    )


def before_send(event: Any, hint: Any) -> Any:
    event["tags"] = {
        **(event.get("tags") or {}),
        **{name: str(value) for name, value in logs.ids().items()},
    }
    for kept_here in ("user", "breadcrumbs", "modules"):
        event.pop(kept_here, None)
    request = event.get("request") or {}
    for kept_here in ("cookies", "data", "env", "query_string"):
        request.pop(kept_here, None)
    request["headers"] = {
        name: value
        for name, value in (request.get("headers") or {}).items()
        if name in ("Accept", "Content-Type", "User-Agent")
    }
    return _scrubbed(event)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return logs.scrubbed(value)
    if isinstance(value, dict):
        return {name: _scrubbed(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrubbed(one) for one in value]
    return value
