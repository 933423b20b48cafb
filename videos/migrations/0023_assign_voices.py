"""A team that recorded a person's consent goes on with that person's voice."""

from typing import Any

from django.db import migrations

FOR_ALL = ("premade", "own")


def assign(apps: Any, schema_editor: Any) -> None:
    voices = apps.get_model("videos", "VendorVoice").objects.exclude(category__in=FOR_ALL)
    consents = apps.get_model("videos", "VoiceConsent").objects.filter(withdrawn_at=None)
    for voice in voices.iterator():
        standing = consents.filter(voice=f"{voice.vendor}:{voice.voice_id}")
        voice.teams.add(*standing.values_list("team_id", flat=True))


class Migration(migrations.Migration):
    dependencies = [("videos", "0022_voices_of_teams")]

    operations = [migrations.RunPython(assign, migrations.RunPython.noop)]
