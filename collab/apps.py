from django.apps import AppConfig

from config.kit import registry


class CollabConfig(AppConfig):
    name = "collab"

    def ready(self) -> None:
        from collab import writing  # noqa: PLC0415 - models are loaded only now

        registry.script_writer.fill(writing.DocumentWriter())
        registry.sweep.fill(writing.sweep)
