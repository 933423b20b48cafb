"""One round of all sweeps at once, where waiting for the next would be too long."""

import logging

from django.db import connections

from config.kit import jobs, registry
from config.kit.database import is_away, unless_away

log = logging.getLogger("showrunner.sweeps")
TASK = "config.kit.sweeps.sweep"


def soon() -> None:
    """Inside a verb: what waits for the change that it makes is looked for when it commits."""
    jobs.enqueue(TASK, to="batch")


@unless_away(log)
def sweep() -> None:
    """A task. What one app stumbles over must not keep the others from their work."""
    for one in registry.sweep:
        try:
            one()
        except Exception as error:
            if is_away(error):
                raise
            log.exception("a sweep failed")
            connections.close_all()
