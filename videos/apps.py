from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from config.kit import registry
from videos.media import engine_places, fonts


class VideosConfig(AppConfig):
    name = "videos"

    def ready(self) -> None:
        from teams import events  # noqa: PLC0415 - models are loaded only now
        from videos import (  # noqa: PLC0415
            braked,
            conclusions,
            following,
            listing,
            measures,
            models,
            naming,
            notices,
            outputs,
            preparing,
            previews,
            proposal_work,
            readiness,
            replies,
            routing,
            runs,
            tasks,
            tools,
            uploads,
            vendor_voices,
        )

        engine_places.configure(run=Path(settings.RUN_DIR))
        events.listen(notices.KIND, "videos.notices.hear")
        for sweep in (runs.reap, replies.sweep, conclusions.follow_all, braked.go_on):
            registry.sweep.fill(sweep)
        for sweep in (preparing.sweep, proposal_work.sweep, uploads.expire, tasks.clear_rooms):
            registry.sweep.fill(sweep)
        registry.backlog.fill(runs.backlog)
        for measure in measures.MEASURES:
            registry.measures.fill(measure)
        registry.backlog.fill(preparing.backlog)
        registry.daily.fill(registry.Daily("prune", "videos.tasks.prune", "batch", 3, 30))
        registry.daily.fill(registry.Daily("voices", vendor_voices.LIST, "batch", 4, 10))
        registry.long_work.fill(
            registry.LongWork(runs.RUNS, runs.held, runs.is_due, readiness.wake)
        )
        registry.long_work.fill(
            registry.LongWork(
                preparing.ASSETS, preparing.held, preparing.is_due, preparing.wake, "render"
            )
        )
        for topic in (following.TOPIC, following.COSTS, following.ASSETS):
            registry.topic.add(topic.kind, topic)
        registry.scenes.fill(naming.scenes)
        registry.written.add("stage", naming.stage)
        registry.written.add("provider", outputs.vendor_name)
        registry.label.add(naming.LABELS.kind, naming.LABELS)
        registry.moving.fill(following.moving)
        registry.moving.fill(following.preparing)
        registry.check.fill(tools.check)
        registry.goes_out.fill(conclusions.goes_out)
        registry.has_font.fill(fonts.is_installed)
        registry.fonts.fill(fonts.installed_families)
        registry.voices.fill(routing.voices)
        registry.videos_of.fill(listing.per_channel)
        registry.videos_of_teams.fill(models.Video.objects.per_team)
        registry.clean_logo.fill(previews.clean_logo)
