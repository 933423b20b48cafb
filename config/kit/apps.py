from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "config.kit"
    label = "kit"

    def ready(self) -> None:
        from config.kit import mail, registry  # noqa: PLC0415 - models are loaded only now

        registry.sweep.fill(mail.sweep)
