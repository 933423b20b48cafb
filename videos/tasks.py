"""Wakes of the pipeline's clusters (ai_tasks), and what the sweep does for videos."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db.models.functions import Now
from django.dispatch import receiver

from channels_app.signals import upload_changed
from config.kit import jobs
from videos import (
    conclusions,
    pipeline,
    preparing,
    proposal_work,
    reading,
    replies,
    vendor_voices,
    voice_samples,
)
from videos.models import Asset, RunState, StageRun


def work(cluster: str) -> None:
    pipeline.work(cluster)


def follow_upload(video_id: int) -> None:
    conclusions.follow_upload(video_id)


def prepare_assets() -> None:
    preparing.work()


def propose(proposal_id: int) -> None:
    proposal_work.perform(proposal_id)


def speak_sample(engine: str, name: str, language: str) -> None:
    voice_samples.speak(engine, name, language)


def read_page(team_id: int, address: str) -> None:
    reading.work(team_id, address)


def fetch_sample(name: str) -> None:
    voice_samples.fetch(name)


def list_voices() -> None:
    vendor_voices.list_anew()
    replies.forget_answers()


def prune() -> None:
    call_command("prune")


@receiver(upload_changed)
def wake_follower(sender: object, video_id: int, **_: Any) -> None:
    jobs.enqueue("videos.tasks.follow_upload", video_id, to="publish")


def clear_rooms() -> None:
    """Rooms that died with their worker; a room of a live run is named by its fence."""
    rooms = Path(settings.ROOMS_DIR)
    if not rooms.is_dir():
        return
    found = list(rooms.iterdir())  # before the question: a room made since is left alone
    live = {
        f"{pk}-{fence}"
        for pk, fence in StageRun.objects.filter(state=RunState.RUNNING).values_list("pk", "fence")
    }
    preparing_now = Asset.objects.filter(lease_until__gt=Now()).values_list("pk", "fence")
    live |= {f"asset-{pk}-{fence}" for pk, fence in preparing_now}
    for room in found:
        if room.name not in live:
            shutil.rmtree(room, ignore_errors=True)
