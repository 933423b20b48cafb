from django.apps import AppConfig

from config.kit import registry


class ChannelsAppConfig(AppConfig):
    name = "channels_app"
    verbose_name = "Channels"

    def ready(self) -> None:
        from channels_app import folder, tasks  # noqa: F401, PLC0415 - models are loaded only now

        registry.sweep.fill(tasks.sweep)
