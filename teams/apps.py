from django.apps import AppConfig

from config.kit import registry


class TeamsConfig(AppConfig):
    name = "teams"

    def ready(self) -> None:
        from teams import (  # noqa: PLC0415 - models are loaded only now
            brakes,
            following,
            journal,
            sockets,
            tickets,
        )

        registry.check.fill(brakes.check)
        registry.topic.add("team", following.TOPIC)
        for sweep in (journal.prune, tickets.prune):
            registry.sweep.fill(sweep)
        sockets.tell_of_changes()
