from django.apps import AppConfig

from config.kit import registry


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        from billing import entitlements, measures  # noqa: PLC0415 - models are loaded only now

        registry.gate.fill(entitlements.gate)
        registry.measures.fill(measures.spend)
        registry.daily.fill(
            registry.Daily("proof of budgets", "billing.proof.prove", "batch", 3, 40)
        )
