import logging

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class OperatorsConfig(admin_apps.AdminConfig):
    """Django's admin with our site."""

    default = False  # of the two in this module, `config.kit` means the other
    default_site = "config.kit.site.Operators"


class KitConfig(AppConfig):
    default = True
    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        from config.kit import bodies, idempotency, mail, problems, registry, throttle  # noqa: PLC0415 - models are loaded only now
        from config.kit.stores import checks  # noqa: F401, PLC0415 - registers itself

        bodies.bound_daphne()
        logging.getLogger("django.request").addFilter(problems.no_trace_of_outages)
        registry.sweep.fill(mail.sweep)
        registry.sweep.fill(idempotency.prune)
        registry.sweep.fill(throttle.prune)
