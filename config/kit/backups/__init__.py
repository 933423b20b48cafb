"""Backups: the database as it was at one moment, and every file that it names.

A backup is a folder, here or at S3, with `database.sqlite3` or `database.dump`, `files.jsonl` (one
line a file), `media/` with the files themselves, and `manifest.json`, which is written last:
without it there is no backup. Keys (SECRET_KEY, FIELD_KEYS) are not in it.
"""
