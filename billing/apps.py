from django.apps import AppConfig
from django.db.models.signals import post_migrate

from config.kit import registry


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import entitlements, measures, notices, reference  # noqa: PLC0415 - models are loaded only now
        from teams import events  # noqa: PLC0415

        events.listen(notices.KIND, "billing.notices.hear")
        registry.gate.fill(entitlements.gate)
        registry.measures.fill(measures.spend)
        registry.daily.fill(
            registry.Daily("proof of budgets", "billing.proof.prove", "batch", 3, 40)
        )
        post_migrate.connect(reference.after_migrate, sender=self)
