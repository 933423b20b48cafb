from django.apps import AppConfig

from config.kit import registry


class CollabConfig(AppConfig):
    name = "collab"

    def ready(self) -> None:
        from collab import notices, pages, writing  # noqa: PLC0415 - models are loaded only now
        from teams import events  # noqa: PLC0415

        events.listen(notices.KIND, "collab.notices.hear")
        registry.script_writer.fill(writing.DocumentWriter())
        registry.sweep.fill(writing.sweep)
        registry.beside_player.fill(pages.beside_player)
