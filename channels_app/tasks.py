"""Wakes of the publish cluster (youtube_tasks)."""

import logging
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, InterfaceError, connection

from channels_app import actions, connecting, credentials, quotas
from channels_app.models import Upload
from channels_app.publishers import publishers
from config.kit import database, files, jobs, logs, tallies
from config.kit.errors import Rejected, Stopped, Unavailable

log = logging.getLogger("showrunner.publications")


@database.unless_away(log)
def work() -> None:
    """Publishes what is due, one after the other."""
    while not jobs.stopping():
        upload = actions.claim(jobs.worker_name(), jobs.long_runs_at_once())
        if upload is None:
            return
        about = {"team": upload.team_id, "video": upload.video_id, "upload": upload.pk}
        with logs.work("publish", **about):
            _publish(upload)


def _publish(upload: Upload) -> None:
    try:
        publisher = publishers.get(upload.channel.publisher)
    except LookupError as error:
        actions.fail(upload, str(error))
        return
    try:
        with files.lending() as lend:
            parcel = actions.parcel_of(upload, lend)
            address = publisher.deliver(parcel, partial(_goes_on, upload))
    except Stopped:
        actions.give_back(upload)
    except Unavailable as error:
        actions.put_off(upload, error.message, timedelta(seconds=10 * 2**upload.attempt))
        _count(upload, "unavailable")
    except Rejected as error:
        actions.fail(upload, error.message)
        _count(upload, "rejected")
    else:
        actions.settle(upload, address)


def _count(upload: Upload, reason: str) -> None:
    logs.tell(outcome=reason)
    tallies.add("provider_error", f"publisher:{upload.channel.publisher}", reason)


def _goes_on(upload: Upload) -> bool:
    try:
        is_ours = actions.beat(upload)
    except (DatabaseError, InterfaceError) as error:  # the lease lasts longer than a passing fault
        if not database.is_away(error):
            raise
        connection.close()
        is_ours = True
    return is_ours and not jobs.stopping()


@database.unless_away(log)
def revoke() -> None:
    """Tells Google of channels that were disconnected."""
    credentials.revoke()


def sweep() -> None:
    actions.reap()
    quotas.settle_lost()
    connecting.prune()
    if credentials.to_be_revoked():
        jobs.enqueue(connecting.REVOKE, to=actions.CLUSTER)
