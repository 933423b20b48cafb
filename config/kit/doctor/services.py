"""Servers beside the database: Redis, files at S3, the mail server."""

import contextlib
import smtplib
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

from config.kit import redis, stores
from config.kit.doctor.told import fail, warn, well
from config.kit.errors import Unavailable
from config.kit.registry import Finding

PATIENCE_S = 3
_PROBE = "doctor/probe"


def redis_check() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        if not settings.EMBEDDED:
            yield warn("Redis", "REDIS_URL is not set: each web process caches for itself; set it.")
        return
    from config.kit.redis_pools import trouble_at  # noqa: PLC0415 - see there

    trouble = trouble_at(settings.REDIS_URL)
    if trouble:
        yield fail("Redis", trouble.removeprefix("REDIS_URL: "))
        return
    with redis.client("doctor") as asked:
        told: Any = asked.info("memory")
    used, limit = int(told["used_memory"]) // 2**20, int(told["maxmemory"]) // 2**20
    if not limit:
        yield warn(
            "Redis",
            f"It uses {used} MB and has no limit: set maxmemory, and maxmemory-policy allkeys-lru.",
        )
    else:
        yield well("Redis", f"uses {used} of {limit} MB, {told['maxmemory_policy']}")


def files_check() -> Iterator[Finding]:
    objects = stores.bucket_objects()
    if objects is None:
        if settings.EMBEDDED or settings.SINGLE_HOST:
            yield well("Files", f"in {settings.MEDIA_DIR}")
        else:
            yield fail(
                "Files",
                "Each machine would keep its own: set MEDIA_S3_URL, or SINGLE_HOST=1 where there "
                "is one machine whose disk is kept.",
            )
        return
    place = stores.current().place
    try:
        objects.write(_PROBE, b"?")
        objects.head(_PROBE)
    except Unavailable as error:
        yield fail("Files", f"{place}: {error.message}")
        return
    finally:
        with contextlib.suppress(Unavailable):
            objects.remove([_PROBE])
    yield well("Files", f"in {place}, written and removed")


def mail_check() -> Iterator[Finding]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        if not settings.EMBEDDED:
            yield warn("Mail", "EMAIL_URL is not set: invitations and resets go to the log alone.")
        return
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with get_connection(timeout=PATIENCE_S):
            pass
    except smtplib.SMTPAuthenticationError:
        yield fail("Mail", f"{place} refuses this user and password: correct EMAIL_URL.")
    except smtplib.SMTPNotSupportedError as error:
        yield fail("Mail", f"{place}: {error} Try smtp:// or smtps:// in EMAIL_URL.")
    except (smtplib.SMTPException, OSError) as error:
        yield fail("Mail", f"Nobody takes letters at {place} ({error}): correct EMAIL_URL.")
    else:
        yield well("Mail", f"{place} takes letters")
