from django.apps import AppConfig

from config.kit import registry


class TeamsConfig(AppConfig):
    name = "teams"

    def ready(self) -> None:
        from teams import (  # noqa: PLC0415 - models are loaded only now
            brakes,
            deliveries,
            events,
            following,
            journal,
            listening,
            notices,
            sockets,
            tickets,
        )

        events.listen(notices.KINDS, "teams.notices.hear")
        events.listen((), "teams.deliveries.hear")
        registry.check.fill(brakes.check)
        registry.topic.add("team", following.TOPIC)
        for sweep in (journal.prune, tickets.prune):
            registry.sweep.fill(sweep)
        sockets.tell_of_changes()
        for sweep in (listening.sweep, notices.sweep, deliveries.sweep):
            registry.sweep.fill(sweep)
        registry.backlog.fill(deliveries.backlog)
        for measure in (listening.measures, deliveries.measures):
            registry.measures.fill(measure)
        registry.daily.fill(
            registry.Daily("old notifications", "teams.notices.prune", "batch", 3, 15)
        )
        registry.daily.fill(
            registry.Daily("old deliveries", "teams.deliveries.prune", "batch", 3, 20)
        )
