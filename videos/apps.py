from django.apps import AppConfig

from config.kit import registry


class VideosConfig(AppConfig):
    name = "videos"

    def ready(self) -> None:
        from videos import runs, tasks  # noqa: PLC0415 - models are loaded only now

        registry.sweep.fill(tasks.sweep)
        registry.backlog.fill(runs.backlog)
