from django.db import migrations


def hold_ordered_logos(apps, schema_editor):
    blobs = apps.get_model("kit", "Blob").objects
    refs = apps.get_model("kit", "BlobRef").objects
    videos = apps.get_model("videos", "Video").objects.exclude(plan__brand__logo="")
    for video_id, team_id, logo in videos.values_list("pk", "team_id", "plan__brand__logo").iterator():
        blob = blobs.filter(team_id=team_id, sha256=logo or "").first()
        if blob:
            refs.get_or_create(
                kind="videos.video", ref_id=video_id, name="logo", defaults={"blob": blob}
            )


class Migration(migrations.Migration):

    dependencies = [
        ('kit', '0001_initial'),
        ('videos', '0004_counted_default'),
    ]

    operations = [
        migrations.RunPython(hold_ordered_logos, migrations.RunPython.noop),
    ]
