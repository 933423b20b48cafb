"""Django-Q's queue in the database, by the database's clock.

By their own clocks, a machine that is five minutes slow would see each task five minutes late, and
what a fast one enqueues would be hidden from the others for as long.
"""

import logging
import time
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connections
from django.db.models.functions import Now
from django_q.brokers import orm
from django_q.conf import Conf

from config.kit.database import LOOK_AGAIN_S, after, is_away, told

log = logging.getLogger("showrunner.queue")
Fetched = list[tuple[int, str]]  # the row's key and its signed task


class Broker(orm.ORM):
    _has_told = False

    def enqueue(self, task: str) -> int:
        key = self.list_key or Conf.CLUSTER_NAME
        return int(self.get_connection().create(key=key, payload=task, lock=Now()).pk)

    def dequeue(self) -> Fetched | None:
        """None after a pause: nothing waits, or the database is away. Django-Q would take that for
        the end of its pusher, which starts anew ten seconds later."""
        try:
            found = self._fetched()
        except (DatabaseError, InterfaceError) as error:
            if not is_away(error):
                raise
            self._tell_once(error)
            connections[Conf.ORM].close()
            time.sleep(LOOK_AGAIN_S)
            return None
        self._has_told = False
        return found

    def _tell_once(self, error: Exception) -> None:
        if not self._has_told:
            log.warning("%s: the database is away: %s", self.list_key, told(error))
        self._has_told = True

    def _fetched(self) -> Fetched | None:
        waiting = list(self._free()[: Conf.BULK])
        if not waiting:
            time.sleep(Conf.POLL)
            return None
        return [(row.pk, row.payload) for row in waiting if self._take(row.pk)]

    def _take(self, pk: int) -> bool:
        """False: another cluster was faster."""
        until = after(timedelta(seconds=Conf.RETRY))
        return bool(self._free().filter(pk=pk).update(lock=until))

    def _free(self) -> Any:
        return self.get_connection().filter(key=self.list_key, lock__lte=Now())

    def queue_size(self) -> int:
        return int(self._free().count())

    def lock_size(self) -> int:
        locked = self.get_connection().filter(key=self.list_key, lock__gt=Now())
        return int(locked.count())
