"""Wakes of the publish cluster (youtube_tasks)."""

from datetime import timedelta

from channels_app import actions
from channels_app.publishers import publishers
from config.kit import jobs
from config.kit.errors import Rejected, Unavailable


def work() -> None:
    """Publishes what is due, one after the other."""
    while not jobs.stopping():
        upload = actions.claim()
        if upload is None:
            return
        try:
            address = publishers.get(upload.channel.publisher).deliver(actions.parcel_of(upload))
        except Unavailable as error:
            actions.put_off(upload, error.message, timedelta(seconds=10 * 2**upload.attempt))
        except Rejected as error:
            actions.fail(upload, error.message)
        else:
            actions.settle(upload, address)


def sweep() -> None:
    actions.reap()
