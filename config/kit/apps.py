from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        from config.kit import idempotency, mail, registry, throttle  # noqa: PLC0415 - models are loaded only now

        registry.sweep.fill(mail.sweep)
        registry.sweep.fill(idempotency.prune)
        registry.sweep.fill(throttle.prune)
