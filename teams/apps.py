from django.apps import AppConfig

from config.kit import registry


class TeamsConfig(AppConfig):
    name = "teams"

    def ready(self) -> None:
        from teams import brakes  # noqa: PLC0415 - models are loaded only now

        registry.check.fill(brakes.check)
