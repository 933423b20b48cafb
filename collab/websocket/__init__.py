"""Rooms over WebSockets: /ws/rooms/<video>/ (docs/live.md)."""
