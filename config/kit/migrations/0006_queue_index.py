"""The broker's table has no index: a worker that looks for its next task reads the tasks of all."""

from django.db import migrations

NAME = "kit_ormq_key_lock"


def create(apps, schema_editor):
    # a table that is in use is not locked where the database can build beside it
    beside = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    if beside:  # one that was broken off is left behind, and of no use
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
    schema_editor.execute(
        f"CREATE INDEX {beside} IF NOT EXISTS {NAME} ON django_q_ormq (key, lock, id)"
    )


def drop(apps, schema_editor):
    beside = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP INDEX {beside} IF EXISTS {NAME}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("kit", "0005_seen_by_operators"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [migrations.RunPython(create, drop)]
