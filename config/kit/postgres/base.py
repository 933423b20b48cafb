"""Django's Postgres backend, which tells `config.kit.pools` what becomes of its connections."""

import time
from typing import Any

from django.db.backends.postgresql import base

from config.kit import pools


class DatabaseWrapper(base.DatabaseWrapper):
    _opened_at = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        began = time.monotonic()
        try:
            found = super().get_new_connection(conn_params)
        except Exception as error:
            pools.refused(self.alias, time.monotonic() - began, error)
            raise
        took_s = time.monotonic() - began
        if self.pool:
            pools.taken(self.alias, took_s, self.pool)
        else:
            pools.opened(self.alias, took_s, is_kept=self._is_kept)
        self._opened_at = time.monotonic()
        return found

    def close_if_unusable_or_obsolete(self) -> None:
        was_open = self.connection is not None
        is_old = self.close_at is not None and time.monotonic() >= self.close_at
        super().close_if_unusable_or_obsolete()
        if was_open and self.connection is None and is_old and self._is_kept:
            pools.recycled(self.alias, time.monotonic() - self._opened_at)

    def _close(self) -> None:
        if self.connection is not None and not self.pool:
            pools.closed(self.alias, is_kept=self._is_kept)
        super()._close()  # type: ignore[misc]

    @property
    def _is_kept(self) -> bool:
        return self.settings_dict["CONN_MAX_AGE"] != 0
