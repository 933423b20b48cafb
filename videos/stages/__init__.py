"""One file a stage; importing this package registers them all."""

from videos.stages import captions, narration, quality, render, script, thumbnail, visuals

__all__ = ["captions", "narration", "quality", "render", "script", "thumbnail", "visuals"]
