import logging

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
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
            bodies,
            cache,
            idempotency,
            mail,
            problems,
            registry,
            throttle,
        )

        bodies.bound_daphne()
        logging.getLogger("django.request").addFilter(problems.no_trace_of_outages)
        registry.sweep.fill(mail.sweep)
        registry.sweep.fill(idempotency.prune)
        registry.sweep.fill(throttle.prune)
        post_migrate.connect(lambda **_: cache.forget_everything(), sender=self, weak=False)
