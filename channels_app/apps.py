from django.apps import AppConfig
from django.db.models.signals import post_migrate

from config.kit import registry


class ChannelsAppConfig(AppConfig):
    name = "channels_app"
    verbose_name = "Channels"

    def ready(self) -> None:
        from channels_app import actions, folder, lists, notices, reference, tasks  # noqa: F401, PLC0415 - models are loaded only now
        from teams import events  # noqa: PLC0415

        events.listen(notices.KIND, "channels_app.notices.hear")
        post_migrate.connect(reference.after_migrate, sender=self)
        registry.sweep.fill(tasks.sweep)
        registry.label.add(lists.LABELS.kind, lists.LABELS)
        registry.backlog.fill(actions.backlog)
        registry.long_work.fill(
            registry.LongWork(
                actions.PUBLICATIONS, actions.held, actions.is_due, actions.wake, actions.CLUSTER
            )
        )
