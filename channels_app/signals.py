"""What this app tells those above it. Receivers enqueue a wake and change nothing."""

from django.dispatch import Signal

upload_changed = Signal()  # video_id: int
