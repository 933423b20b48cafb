import logging

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin_apps
from django.core import checks
from django.db.models.signals import post_migrate


class OperatorsConfig(admin_apps.AdminConfig):
    """Django's admin with our site."""

    default = False  # of the two in this module, `config.kit` means the other
    default_site = "config.kit.site.Operators"


class KitConfig(AppConfig):
    default = True
    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        from config.kit import (  # noqa: PLC0415 - models are loaded only now
            cache,
            idempotency,
            mail,
            metrics,
            pools,
            probes,
            problems,
            registry,
            schedules,
            slow_queries,
            throttle,
        )
        from config.kit.live import measures as live  # noqa: PLC0415
        from config.kit.stores import checks as _files  # noqa: F401, PLC0415 - registers itself

        for name in ("django.request", "django-q"):
            logging.getLogger(name).addFilter(problems.no_trace_of_outages)
        slow_queries.install()
        for sweep in (mail.sweep, idempotency.prune, throttle.prune):
            registry.sweep.fill(sweep)
        registry.sweep.fill(slow_queries.prune)
        registry.sweep.fill(pools.look)
        registry.backlog.fill(mail.backlog)
        for measure in (probes.parts, *metrics.MEASURES, live.live):
            registry.measures.fill(measure)
        registry.daily.fill(
            registry.Daily("failed tasks", "config.kit.jobs.prune_tasks", "batch", 3, 10)
        )
        post_migrate.connect(schedules.after_migrate, sender=self)
        checks.register(schedules.check, checks.Tags.database)
        post_migrate.connect(lambda **_: cache.forget_everything(), sender=self, weak=False)
        _report_elsewhere()


def _report_elsewhere() -> None:
    """The two libraries are large: loaded only where somebody listens."""
    if settings.SENTRY_DSN:
        from config.kit import reports  # noqa: PLC0415

        reports.send_to(settings.SENTRY_DSN, settings.SENTRY_ENVIRONMENT)
    if settings.TRACES_ENDPOINT:
        from config.kit import registry, tracing  # noqa: PLC0415

        tracing.send(settings.OTEL_SERVICE_NAME)
        registry.span.fill(tracing.span)
