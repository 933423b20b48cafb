"""Servers beside the database: Redis, files at S3, the mail server."""

import contextlib
import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.mail import get_connection

from config.kit import stores
from config.kit.doctor.told import fail, warn, well
from config.kit.errors import Unavailable
from config.kit.registry import Finding

PATIENCE_S = 3
LEAST_MB = 32
_PROBE = "doctor/probe"


def redis_check() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        if not settings.EMBEDDED:
            yield warn("Redis", "REDIS_URL is not set: each web process caches for itself; set it.")
        return
    place = urlsplit(settings.REDIS_URL).netloc.rpartition("@")[2]
    asked = {"socket_timeout": PATIENCE_S, "socket_connect_timeout": PATIENCE_S}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **asked) as client:
            memory = client.info("memory")
    except (redis.AuthenticationError, redis.exceptions.NoPermissionError):
        yield fail("Redis", f"{place} refuses this user and password: correct REDIS_URL.")
    except (redis.RedisError, OSError, ValueError) as error:
        yield fail("Redis", f"Nobody answers at {place} ({error}): start it, or correct REDIS_URL.")
    else:
        yield _memory(int(memory["maxmemory"]), memory["maxmemory_policy"], memory["used_memory"])


def _memory(limit: int, policy: str, used: int) -> Finding:
    if limit and limit < LEAST_MB * 2**20:
        return fail(
            "Redis",
            f"It may use {limit / 2**20:.0f} MB only: set maxmemory to {LEAST_MB} MB or more.",
        )
    if limit and policy == "noeviction":
        return fail(
            "Redis",
            "Once it is full it keeps nothing new: set maxmemory-policy to allkeys-lru.",
        )
    if not limit:
        return warn(
            "Redis",
            "It has no limit and may take the whole memory: set maxmemory and maxmemory-policy "
            "allkeys-lru.",
        )
    return well("Redis", f"answers; uses {used // 2**20} of {limit // 2**20} MB, {policy}")


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
    place = settings.MEDIA_S3.place
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
